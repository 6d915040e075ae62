/** The DNS response codes that occur here, by IANA's names. BADVERS is of EDNS0: its upper bits are in the OPT record. */
export const responseCodes = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
} as const;
export type ResponseCode = keyof typeof responseCodes;

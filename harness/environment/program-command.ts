/** How one program is to run, told without saying where. */
export interface ProgramCommand {
  program: 'minio' | 'toxiproxy-server';
  args: string[];
  env: Record<string, string>;
}

/** Where in the bucket Tempo keeps what is a tenant's. */

/**
 * `<prefix>/<name>/`, joined as Tempo joins keys: without empty parts, however many slashes `storage.trace.s3.prefix` has.
 * `name`: a tenant, whose blocks are there.
 */
export function keyFolder(prefix: string, name: string): string {
  return `${[...prefix.split('/'), name].filter((part) => part !== '').join('/')}/`;
}

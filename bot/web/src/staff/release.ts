/** The short name of a release: the end of its id, which tells any two apart. */
export const shortRelease = (id: string | null | undefined): string =>
  (id ?? '').split('-').at(-1) ?? '';

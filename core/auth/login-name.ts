/** A login name as it is compared: how it was typed makes no difference. */
export function loginKey(name: string): string {
  return name.normalize("NFKC").trim().toLowerCase();
}

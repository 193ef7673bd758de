import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";

/** Link-local networks and the metadata services of clouds: never a legitimate target here. */
const NEVER = [
  "169.254.0.0/16",
  "fe80::/10",
  "fd00:ec2::254", // metadata over IPv6 (AWS)
  "100.100.100.200", // metadata (Alibaba)
  "168.63.129.16", // host agent (Azure)
];

/** IPv6 networks that carry an IPv4 address in themselves, and where it stands (bytes). */
const CARRIERS: { bytes: number[]; at: number }[] = [
  { bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], at: 12 }, // mapped
  { bytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], at: 12 }, // compatible, deprecated
  { bytes: [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], at: 12 }, // NAT64
  { bytes: [0x20, 0x02], at: 2 }, // 6to4
];

/**
 * Says which addresses an outbound connection may not go to: link-local and cloud
 * metadata always, and the networks given (`OUTBOUND_DENY`: addresses or CIDR,
 * separated by commas or spaces).
 * @throws Error naming the entry that is no network
 */
export function addressRules(deny = ""): (address: string) => boolean {
  const list = new BlockList();
  for (const entry of [...NEVER, ...deny.split(/[\s,]+/).filter((part) => part !== "")]) {
    addNetwork(list, entry);
  }
  return (address) => {
    const plain = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
    if (isIPv4(plain)) return list.check(plain, "ipv4");
    if (!isIPv6(plain)) return true; // not an address: nothing that may be connected to
    if (list.check(plain, "ipv6")) return true;
    const inner = carriedIPv4(plain);
    return inner !== null && list.check(inner, "ipv4");
  };
}

function addNetwork(list: BlockList, entry: string): void {
  const [address = "", bits, more] = entry.split("/");
  const family = isIP(address);
  const wide = family === 4 ? 32 : 128;
  const prefix = bits === undefined ? wide : Number(bits);
  const valid = Number.isInteger(prefix) && prefix >= 0 && prefix <= wide && bits !== "";
  if (family === 0 || more !== undefined || !valid) {
    throw new Error(`OUTBOUND_DENY: "${entry}" is neither an address nor a network`);
  }
  list.addSubnet(address, prefix, family === 4 ? "ipv4" : "ipv6");
}

/** The IPv4 address that an IPv6 address stands for, or null. */
function carriedIPv4(address: string): string | null {
  const bytes = ipv6Bytes(address);
  const carrier = CARRIERS.find(({ bytes: prefix }) =>
    prefix.every((byte, i) => bytes[i] === byte),
  );
  return carrier ? bytes.slice(carrier.at, carrier.at + 4).join(".") : null;
}

function ipv6Bytes(address: string): number[] {
  // The URL parser writes every form (dotted, compressed) in one way.
  const normal = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = "", tail] = normal.split("::");
  const words = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((word) => parseInt(word, 16));
  const left = words(head);
  const right = tail === undefined ? [] : words(tail);
  const gap = tail === undefined ? 0 : 8 - left.length - right.length;
  const all = [...left, ...Array.from({ length: gap }, () => 0), ...right];
  return all.flatMap((word) => [word >> 8, word & 0xff]);
}

/*
 * The embedding site: it has a key, and signs tokens for its people.
 *
 *   const site = new Site("ES256");
 *   const settings = { ...site.settings, jwt_audience: "parlor" };
 *   site.token({ sub: "u1", exp: inSeconds(60) })
 */
import { createHmac, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const dirs = [];
process.on("exit", () => {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

function part(value) {
  const bytes = typeof value === "string" || Buffer.isBuffer(value) ? value : JSON.stringify(value);
  return Buffer.from(bytes).toString("base64url");
}

/* The time N seconds from now, in seconds, as claims have it; N may have a fraction. */
export function inSeconds(n) {
  return Date.now() / 1000 + n;
}

const PAIRS = {
  RS256: () => generateKeyPairSync("rsa", { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync("ec", { namedCurve: "prime256v1" }),
};

function signature(alg, key, text) {
  const [kind, bits] = [alg.slice(0, 2), alg.slice(2)];
  if (kind === "HS") return createHmac(`sha${bits}`, key).update(text).digest();
  if (kind === "RS") return sign(`sha${bits}`, Buffer.from(text), key);
  return sign(`sha${bits}`, Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
}

export class Site {
  constructor(alg) {
    this.alg = alg;
    const dir = mkdtempSync(join(tmpdir(), "parlor-site-"));
    dirs.push(dir);
    chmodSync(dir, 0o755);
    const { publicKey, privateKey } = PAIRS[alg]?.() ?? {};
    this.key = privateKey ?? randomBytes(32).toString("hex");
    this.shown = publicKey?.export({ type: "spki", format: "pem" }) ?? this.key;
    this.file = join(dir, "key");
    writeFileSync(this.file, `${this.shown.trimEnd()}\n`);
    this.settings = { jwt_algorithm: alg, jwt_key_file: this.file, jwt_leeway_ms: 0 };
  }

  /* Signs a token. CLAIMS may be any bytes; ALG, KEY and HEAD replace the site's own. */
  token(claims, { alg = this.alg, key = this.key, head = {} } = {}) {
    const text = `${part({ alg, typ: "JWT", ...head })}.${part(claims)}`;
    return `${text}.${part(alg === "none" ? "" : signature(alg, key, text))}`;
  }
}

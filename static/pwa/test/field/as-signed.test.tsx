// What the tablet says of a seal that another device made: by the key that was told of that device, as a
// record like any other.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import vectors from "../../../../tests/vectors/signing/seals.json";
import { keyId } from "../../src/core/ids.ts";
import type { PersonRow } from "../../src/db/database.ts";
import { AsSigned } from "../../src/ui/field/sign/as-signed.tsx";
import { setLanguage } from "../../src/ui/words/index.ts";
import { drained, SCOPE, stocked, synced, type Tablet, uuid } from "../sync/device.ts";
import { FakeServer } from "../sync/server.ts";

const [SEALED] = vectors.seals;
const sealer = {
  sha256: (bytes: Uint8Array<ArrayBuffer>) => crypto.subtle.digest("SHA-256", bytes),
  subtle: crypto.subtle,
};
let root: HTMLElement;

beforeEach(() => {
  setLanguage("zh-CN");
  root = document.createElement("div");
  document.body.append(root);
});

afterEach(() => {
  render(null, root);
  root.remove();
});

/** The record of a device's key. */
function tell(
  server: FakeServer,
  device: string,
  public_key: string,
  thumbprint: string,
  id = keyId(device),
): void {
  const at = "2026-11-18T01:00:00Z";
  server.put("key", id, "org", {
    ...{ device, person: "p2", registered_at: at },
    ...{ public_key, thumbprint },
  });
}

async function stage(server: FakeServer): Promise<Tablet> {
  server.put("signature", SEALED?.id ?? "", SCOPE, { ...SEALED?.signature });
  return synced(server);
}

async function show(one: Tablet): Promise<void> {
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const keys = await crypto.subtle.generateKey(curve, false, ["sign", "verify"]);
  const person = { device: one.server.device, keys } as PersonRow;
  const signature = one.records.record("signature", SEALED?.id ?? "");
  if (signature === undefined) throw new Error("there is no signature");
  const all = { sealer, person, signature, records: one.records, zone: "Asia/Shanghai" };
  await act(() => render(<AsSigned {...all} />, root));
}

const says = (words: string) => vi.waitFor(() => expect(root.textContent).toContain(words));

test("it is genuine by the key that was told of that device", async () => {
  const server = stocked(new FakeServer());
  tell(server, server.device, "own", "own");
  tell(server, uuid(2), vectors.key.spki, vectors.key.thumbprint);
  const one = await stage(server);
  await show(one);
  await says("签名真实，与签字时一致");
  server.put("signature", SEALED?.id ?? "", SCOPE, { ...SEALED?.signature, name: "别人" });
  await act(() => drained(one));
  await show(one);
  await says("签名核对不上");
});

test("by a key that no record names it does not verify, and does once it is told", async () => {
  const server = stocked(new FakeServer());
  tell(server, server.device, "own", "own");
  tell(server, uuid(2), vectors.key.spki, vectors.key.thumbprint, uuid(3)); // A second one of it.
  const one = await stage(server);
  await show(one);
  await says("加封的密钥不在同步到本机的登记记录中");
  setLanguage("en");
  await show(one);
  await says("sealed with a key that no record on this tablet names");
  setLanguage("zh-CN");
  tell(server, uuid(2), vectors.key.spki, vectors.key.thumbprint);
  await act(() => drained(one));
  await says("签名真实，与签字时一致");
});

test("of a server that tells no keys it says that the office checks it", async () => {
  await show(await stage(stocked(new FakeServer())));
  await says("在别的设备上签的，由办公室核对");
});

// The tablet tells when the office says another key of it than the one that it has.

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keyId } from "../../src/core/ids.ts";
import { publicKeyOf } from "../../src/sync/enrol.ts";
import { AppContext, SessionContext } from "../../src/ui/field/app.ts";
import { OtherKey } from "../../src/ui/field/own-key.tsx";
import { setLanguage } from "../../src/ui/words/index.ts";
import { drained, synced, type Tablet } from "../sync/device.ts";

const curve = { name: "ECDSA", namedCurve: "P-256" };
const newKeys = () => crypto.subtle.generateKey(curve, false, ["sign", "verify"]);
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

async function told(one: Tablet, key: CryptoKey): Promise<void> {
  const { device } = one.server;
  one.server.put("key", keyId(device), "org", {
    ...{ device, person: one.pen.person, registered_at: "2026-11-18T01:00:00Z" },
    public_key: await publicKeyOf(crypto.subtle, key),
  });
  await act(() => drained(one));
}

const says = (words: string) => vi.waitFor(() => expect(root.textContent).toContain(words));
const saysNothing = () => vi.waitFor(() => expect(root.textContent).toBe(""));

test("another key than its own is an alarm, and its own is none", async () => {
  const [one, keys, other] = [await synced(), await newKeys(), await newKeys()];
  const { machine, records, server } = one;
  const session = { records, person: { device: server.device, keys } };
  await act(() =>
    render(
      <AppContext.Provider value={{ machine } as never}>
        <SessionContext.Provider value={session as never}>
          <OtherKey />
        </SessionContext.Provider>
      </AppContext.Provider>,
      root,
    ),
  );
  await saysNothing();
  await told(one, other.publicKey);
  await says("办公室登记的密钥不是本机的");
  expect(root.querySelector("[role=alert]")).not.toBeNull();
  await told(one, keys.publicKey);
  await saysNothing();
});

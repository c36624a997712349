// The alarm when the office says another key of this device than the one that it has. Rule: whoever exchanges
// a key can sign in this device's name, and only the device itself can tell.

import { useEffect, useState } from "preact/hooks";
import { publicKeyOf } from "../../sync/enrol.ts";
import { ErrorPlace } from "../kit/notices.tsx";
import { useApp, useSession } from "./app.ts";
import { m } from "./mend-words.ts";

/** Nothing while the record says this device's own key, or none was told. */
export function OtherKey() {
  const { machine } = useApp();
  const { records, person } = useSession();
  const [isOther, setOther] = useState(false);
  const told = records.by("key", "device", person.device);
  useEffect(() => {
    let isHere = true;
    const compare = async () => {
      if (told.length === 0) return setOther(false);
      const own = await publicKeyOf(machine.subtle, person.keys.publicKey);
      if (isHere) setOther(told.some(({ data }) => data.public_key !== own));
    };
    void compare().catch(() => undefined);
    return () => {
      isHere = false;
    };
  }, [machine, person, told]);
  return isOther ? <ErrorPlace what={m("vouch.otherKey")} safe={m("vouch.otherKeySafe")} /> : null;
}

// What a seal is worth, in words. Rule: genuine is never green: it is no receipt of the server.

import type { SealFault, SealVerdict } from "../../wire/types.ts";
import { t } from "../words/sign.ts";
import type { IconName } from "./icons.tsx";
import { StateWord, type Tone } from "./state.tsx";

/** What only a tablet says. `elsewhere`: another device's, whose key is not here. */
export type Worth = SealVerdict | "elsewhere" | "key-not-recorded";

const LOOKS: Readonly<Record<Worth, readonly [IconName, Tone]>> = {
  genuine: ["shield", "quiet"],
  older: ["shield", "quiet"],
  "by-link": ["phone", "quiet"],
  unsealed: ["open", "quiet"],
  elsewhere: ["device", "quiet"],
  broken: ["alert", "bad"],
  "key-not-recorded": ["alert", "bad"],
};

type SealProps = {
  seal: Worth;
  faults?: readonly SealFault[];
  /** The device whose key it was. */
  by?: string;
  size?: number;
};

/** "由签字所用设备“一号平板 · 梁志豪”加封", or that it does not verify, and why. */
export function SealWord({ seal, faults = [], by = "", size = 16 }: SealProps) {
  const [icon, tone] = LOOKS[seal];
  const words = seal === "genuine" && by !== "" ? t("seal.genuineBy", { by }) : t(`seal.${seal}`);
  const why = faults.map((fault) => t(`fault.${fault}`)).join(t("list.comma"));
  return (
    <StateWord icon={icon} tone={tone} size={size}>
      {why === "" ? words : words + t("list.colon") + why}
    </StateWord>
  );
}

// Joining a device.

import { t } from "../words/kit.ts";

export default function Face() {
  return <h1>{t("app.name")}</h1>;
}

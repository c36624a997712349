// What a contract says of photos: shown in words, and changed only after it was asked about.

import { render } from "preact";
import { act } from "preact/test-utils";
import { expect, test } from "vitest";
import { ContractsPage } from "../../src/ui/office/contracts.tsx";
import { OfficeContext } from "../../src/ui/office/state.ts";
import type { ContractRow } from "../../src/wire/types.ts";
import { json, ME, NOW, ZONE } from "./office.ts";
import { client, root, server, until } from "./stage.ts";

const ROW: ContractRow = {
  id: "018f0c6a-0000-7000-8000-00000000cc01",
  version: 7,
  customer: "018f0c6a-0000-7000-8000-00000000cc02",
  customer_name: "穗丰集团",
  number: "SF-WB-2024-07",
  title: "穗丰集团信息系统维保",
  starts_on: "2024-07-01",
  ends_on: "2027-06-30",
};

const press = (words: string) =>
  act(() => {
    const found = [...root.querySelectorAll("button")].find((one) => one.textContent === words);
    if (!found) throw new Error(`no button ${words}`);
    found.click();
  });

test("that photos keep their place is asked about, and is one op on the version shown", async () => {
  let place: ContractRow["photo_place"];
  server.always = ({ path }) => {
    if (path === "/office/ops") {
      place = "kept";
      return json({ outcomes: [], heads: {} });
    }
    const row = place ? { ...ROW, version: 8, photo_place: place } : ROW;
    return json({ total: 1, rows: [row] });
  };
  const office = { client, me: ME, now: () => NOW, random: server.world.random, zone: ZONE };
  await act(() =>
    render(
      <OfficeContext.Provider value={office}>
        <ContractsPage />
      </OfficeContext.Provider>,
      root,
    ),
  );
  await until(() => root.textContent?.includes("去掉") === true);
  await press("更改");
  expect(root.querySelector("dialog")?.textContent).toContain("请确认合同里有此约定");
  expect(server.asked.some((one) => one.method === "POST")).toBe(false);
  await press("保留位置");
  await until(() => root.querySelector("tbody")?.textContent?.includes("保留") === true);
  const written = server.asked.filter((one) => one.path === "/office/ops").map((one) => one.body);
  expect(written).toMatchObject([
    { ops: [{ kind: "contract", record: ROW.id, base: 7, set: { photo_place: "kept" } }] },
  ]);
});

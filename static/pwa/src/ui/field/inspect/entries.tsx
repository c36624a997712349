// What is typed or scanned as text: text, a date, a serial number.

import type { TargetedEvent } from "preact";
import { useState } from "preact/hooks";
import { TEXT_LENGTH_MAX } from "../../../wire/limits.ts";
import type { DateItem, Serial, TextItem } from "../../../wire/types.ts";
import { readCodes } from "../../kit/codes.ts";
import { TextField } from "../../kit/fields.tsx";
import { Icon } from "../../kit/icons.tsx";
import { ErrorPlace } from "../../kit/notices.tsx";
import { useHere } from "./context.ts";
import { withValue } from "./edits.ts";
import { type Asked, LINE_MAX } from "./frame.tsx";
import { TypedArea, TypedField } from "./typed.tsx";
import { said, t } from "./words.ts";

function textOf(asked: Asked): string {
  const value = asked.answer?.value;
  return typeof value === "string" ? value : "";
}

export function TextEntry(asked: Asked<TextItem>) {
  const { isClosed } = useHere();
  const { item, path } = asked;
  const field = {
    part: "value" as const,
    path,
    label: said(item.title),
    hideLabel: true,
    value: textOf(asked),
    disabled: isClosed,
  };
  return (
    <div class="entry">
      {item.multiline ? (
        <TypedArea {...field} max={TEXT_LENGTH_MAX} />
      ) : (
        <TypedField {...field} max={LINE_MAX} />
      )}
    </div>
  );
}

export function DateEntry(asked: Asked<DateItem>) {
  const { work, isClosed } = useHere();
  const { item, path, answer } = asked;
  return (
    <div class="entry">
      <TextField
        type="date"
        label={said(item.title)}
        hideLabel
        value={textOf(asked)}
        disabled={isClosed}
        onInput={(day) => void work.answer(path, withValue(answer, day === "" ? null : day))}
      />
    </div>
  );
}

/** Typed, or read from a photo of the plate: the system's camera, our own decoder, no network. */
export function SerialEntry(asked: Asked<Serial> & { isLabelled?: boolean }) {
  const { sheet, work, isClosed } = useHere();
  const { item, path, answer, isLabelled = false } = asked;
  const [isMissed, setMissed] = useState(false);
  const own = sheet.asset.data.serial ?? "";
  const scan = async (file: File): Promise<void> => {
    const codes = await readCodes(file, { thorough: true, bars: true }).catch(() => []);
    // Of several codes on a plate the asset's own is meant, if it is among them.
    const serial =
      codes.find((code) => code.trim().toUpperCase() === own.toUpperCase()) ?? codes[0];
    setMissed(serial === undefined);
    if (serial !== undefined) await work.answer(path, withValue(answer, serial.trim()));
  };
  const taken = (event: TargetedEvent<HTMLInputElement>): void => {
    const file = event.currentTarget.files?.[0];
    event.currentTarget.value = "";
    if (file) void scan(file);
  };
  const label = said(item.title);
  return (
    <div class="entry">
      <div class="serial">
        <TypedField
          part="value"
          {...{ path, label }}
          hideLabel={!isLabelled}
          value={textOf(asked)}
          max={LINE_MAX}
          disabled={isClosed}
        />
        {!isClosed && (
          <span class="btn icon pick">
            <Icon name="scan" size={24} />
            <input
              type="file"
              accept="image/*"
              capture="environment"
              aria-label={`${t("serial.scan")}${t("list.comma")}${label}`}
              onChange={taken}
            />
          </span>
        )}
      </div>
      {item.of_asset && own !== "" && <p class="note">{t("item.archive", { serial: own })}</p>}
      {isMissed && <ErrorPlace what={t("serial.none")} safe={t("serial.noneSafe")} />}
    </div>
  );
}

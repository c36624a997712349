// A repeated group as a list: one row per disk, module or battery. Identity | answer | reading.
// Rule: two engineers offline add elements with minted ids, so that nothing of either is lost; a
// group of many questions shows each element as a small list of its own.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { elementIds } from "../../../core/forms/evaluation.ts";
import { mintId } from "../../../core/ids.ts";
import { LINE_LENGTH_MAX } from "../../../wire/limits.ts";
import type { Check, Choice, Group, GroupedItem, NumberItem, Serial } from "../../../wire/types.ts";
import { TextField } from "../../kit/fields.tsx";
import { Icon } from "../../kit/icons.tsx";
import { StateWord } from "../../kit/state.tsx";
import { anchorOf, useHere } from "./context.ts";
import { addElementEdit, newElement, removeElementEdit, withdrawPhotoEdit } from "./edits.ts";
import { SerialEntry } from "./entries.tsx";
import { answerAt, elementName, lastElements, nextOrder } from "./form.ts";
import { Details, OfficeRemarks, useAsked, WhyNot, wantsPhoto } from "./frame.tsx";
import { CheckControl, ChoiceControl, Item, NumberControl } from "./items.tsx";
import { reasonWords } from "./say.ts";
import { TypedField } from "./typed.tsx";
import { Confirm } from "./viewer.tsx";
import { said, t, tongue } from "./words.ts";

/** The three columns of a row, where a group has no more than these questions. */
interface Columns {
  readonly serial: Serial | null;
  readonly answer: Check | Choice | null;
  readonly reading: NumberItem | null;
}

const OPTIONS_IN_ROW_MAX = 3;

/** Null where the group asks more than a row can hold. */
export function columnsOf(group: Group): Columns | null {
  const [serial = null, ...serials] = group.items.filter((item) => item.type === "serial");
  const [reading = null, ...readings] = group.items.filter((item) => item.type === "number");
  const [answer = null, ...answers] = group.items.filter(isAnswer);
  const known = [serial, reading, answer].filter((item) => item !== null);
  const isMore = serials.length + readings.length + answers.length > 0;
  const isWhole = known.length === group.items.length && !known.some((item) => item.shown);
  return isWhole && !isMore && (answer || reading) ? { serial, answer, reading } : null;
}

function isAnswer(item: GroupedItem): item is Check | Choice {
  if (item.type === "check") return true;
  return item.type === "choice" && !item.multiple && item.options.length <= OPTIONS_IN_ROW_MAX;
}

export function GroupList({ group }: { group: Group }) {
  const { sheet, work, isClosed } = useHere();
  const elements = sheet.inspection?.elements ?? {};
  const ids = elementIds(group, elements);
  const columns = columnsOf(group);
  const isFixed = (group.places?.length ?? 0) > 0;
  const inside = [...sheet.evaluation.items.values()].filter(
    (state) => state.group === group.id && state.shown && state.asked,
  );
  const done = inside.filter(({ verdict }) => verdict !== "open").length;
  const count = t("group.count", {
    element: said(group.element),
    n: ids.length,
    done,
    of: inside.length,
  });
  const add = (name: string): void => {
    const { pen } = work.work;
    const order = nextOrder(group, elements);
    const element = mintId(pen.now(), pen.random);
    void work.change(({ id }) => [addElementEdit(id, element, newElement(group, name, order))]);
  };
  return (
    <section class="group" id={anchorOf(group.id)} tabIndex={-1} aria-label={said(group.title)}>
      <div class="gh">
        <h3>{said(group.title)}</h3>
        {ids.length > 0 && <span class="note">{count}</span>}
        {!isClosed && !isFixed && <AddElement group={group} number={ids.length + 1} onAdd={add} />}
      </div>
      {group.hint && <p class="note hint">{said(group.hint)}</p>}
      <OfficeRemarks path={group.id} />
      <GroupState group={group} />
      {ids.length === 0 && !isClosed && <AsLastTime group={group} />}
      {columns && ids.length > 0 && <Heads group={group} columns={columns} />}
      {ids.map((element) =>
        columns ? (
          <Row key={element} {...{ group, element, columns, isFixed }} />
        ) : (
          <Block key={element} {...{ group, element, isFixed }} />
        ),
      )}
    </section>
  );
}

/** The elements of last time, under their old ids, so that each meets its previous readings. */
function AsLastTime({ group }: { group: Group }) {
  const { sheet, work } = useHere();
  const known = lastElements(group, sheet.last, sheet.before);
  const add = (): void => {
    void work.change(({ id }) =>
      known.map(({ element, name }, order) =>
        addElementEdit(id, element, newElement(group, name, order)),
      ),
    );
  };
  return (
    <div class="asbefore">
      <p class="note">{t("group.none", { element: said(group.element) })}</p>
      {known.length > 0 && (
        <button type="button" class="btn" onClick={add}>
          {t("group.again", { n: known.length })}
        </button>
      )}
    </div>
  );
}

/** What a group itself lacks: elements. */
function GroupState({ group }: { group: Group }) {
  const asked = useAsked(group, group.id);
  if (asked === null || asked.state.reasons.length === 0) return null;
  return (
    <p class="lacks">
      {asked.state.reasons.map((reason) => {
        const { icon, tone, words } = reasonWords(group, asked.state, reason);
        return (
          <StateWord key={reason.code} {...{ icon, tone }}>
            {words}
          </StateWord>
        );
      })}
    </p>
  );
}

type AddProps = { group: Group; number: number; onAdd: (name: string) => void };

function AddElement({ group, number, onAdd }: AddProps) {
  const [name, setName] = useState<string | null>(null);
  const element = said(group.element);
  if (name === null) {
    return (
      <button type="button" class="btn txt end" onClick={() => setName(`${element} ${number}`)}>
        <Icon name="plus" size={22} />
        {t("group.add", { element })}
      </button>
    );
  }
  const close = () => setName(null);
  return (
    <form
      class="adding"
      onSubmit={(event) => {
        event.preventDefault();
        onAdd(name.trim());
        close();
      }}
    >
      <TextField
        label={t("group.addHint", { element })}
        hideLabel
        value={name}
        onInput={setName}
        max={LINE_LENGTH_MAX}
      />
      <button type="button" class="btn" onClick={close}>
        {t("group.cancel")}
      </button>
      <button type="submit" class="btn pri">
        {t("group.addYes")}
      </button>
    </form>
  );
}

function Heads({ group, columns }: { group: Group; columns: Columns }) {
  const { answer, reading } = columns;
  return (
    <div class={lookOf("dkh", columns)} aria-hidden="true">
      <span class="note">{said(group.element)}</span>
      {answer && <span class="note">{said(answer.title)}</span>}
      {reading && <span class="note">{said(reading.title)}</span>}
    </div>
  );
}

function lookOf(base: string, { answer, reading }: Columns): string {
  return `${base}${answer ? " has-answer" : ""}${reading ? " has-reading" : ""}`;
}

type ElementProps = { group: Group; element: string; isFixed: boolean };

function Row({ group, element, columns, isFixed }: ElementProps & { columns: Columns }) {
  const { sheet } = useHere();
  const [isOpen, setOpen] = useState(false);
  const { serial, answer, reading } = columns;
  const at = (item: GroupedItem) => `${group.id}.${element}.${item.id}`;
  const name = elementName(group, element, sheet.inspection?.elements ?? {}, tongue());
  const number = serial && answerAt(sheet.inspection, at(serial))?.value;
  const isBad = [answer, reading].some(
    (item) => item && sheet.evaluation.items.get(at(item))?.verdict === "abnormal",
  );
  return (
    <div class={isBad ? "dkx opened" : "dkx"}>
      <div class={lookOf("dk", columns)}>
        <button
          type="button"
          class="dn"
          aria-expanded={isOpen}
          aria-label={t("group.details", { name })}
          onClick={() => setOpen(!isOpen)}
        >
          <b>{name}</b>
          {serial && (
            <span class="note one">
              {typeof number === "string" ? number : t("serial.missing")}
            </span>
          )}
          <Icon name={isOpen ? "up" : "down"} size={18} />
        </button>
        {answer && <AnswerCell item={answer} path={at(answer)} />}
        {reading && <ReadingCell item={reading} path={at(reading)} />}
      </div>
      {[answer, reading].map((item) => item && <Below key={item.id} item={item} path={at(item)} />)}
      {isOpen && (
        <ElementDetails {...{ group, element, isFixed, name }}>
          {serial && <SerialCell item={serial} path={at(serial)} />}
        </ElementDetails>
      )}
    </div>
  );
}

function AnswerCell({ item, path }: { item: Check | Choice; path: string }) {
  const asked = useAsked<Check | Choice>(item, path);
  if (asked === null) return <span />;
  return (
    <div id={anchorOf(path)} tabIndex={-1} class="cellat">
      {item.type === "check" ? (
        <CheckControl {...asked} item={item} />
      ) : (
        <ChoiceControl {...asked} item={item} />
      )}
    </div>
  );
}

function ReadingCell({ item, path }: { item: NumberItem; path: string }) {
  const asked = useAsked(item, path);
  if (asked === null) return <span />;
  return (
    <div id={anchorOf(path)} tabIndex={-1} class="cellat">
      <NumberControl {...asked} />
    </div>
  );
}

function SerialCell({ item, path }: { item: Serial; path: string }) {
  const asked = useAsked(item, path);
  return asked === null ? null : <SerialEntry {...asked} isLabelled />;
}

/** What an answer of a row says or asks for, under the row. */
function Below({ item, path }: { item: Check | Choice | NumberItem; path: string }) {
  const asked = useAsked<Check | Choice | NumberItem>(item, path);
  if (asked === null) return null;
  const { state, answer } = asked;
  const isFailed = answer?.value === "fail";
  const said_ = state.reasons.map((reason) => reasonWords(item, state, reason, answer));
  return (
    <>
      {said_.length > 0 && (
        <p class="lacks">
          {said_.map(({ icon, tone, words, source }) => (
            <StateWord key={words} {...{ icon, tone }}>
              {[words, source].filter(Boolean).join(" · ")}
            </StateWord>
          ))}
        </p>
      )}
      <OfficeRemarks path={path} />
      {answer?.na && <WhyNot path={path} answer={answer} />}
      {isFailed && <Details {...asked} isAbnormal wantsPhoto={wantsPhoto(item)} />}
    </>
  );
}

type DetailsProps = ElementProps & { name: string; children?: ComponentChildren };

/** The element itself: its serial number, its name, and taking it away. */
function ElementDetails({ group, element, isFixed, name, children }: DetailsProps) {
  const { sheet, work, isClosed } = useHere();
  const own = sheet.inspection?.elements?.[element];
  const inside = `${group.id}.${element}.`;
  const remove = (): void => {
    const photos = [...sheet.photos].flatMap(([path, list]) =>
      path.startsWith(inside) ? list : [],
    );
    const gone = photos.map((photo) => withdrawPhotoEdit(photo.id));
    void work.change(({ id }) => [removeElementEdit(id, element), ...gone]);
  };
  return (
    <div class="element">
      {children}
      {!isFixed && !isClosed && own && own.group === group.id && (
        <div class="about">
          <TypedField
            part="name"
            path={element}
            label={t("group.name")}
            value={own.name ?? ""}
            max={LINE_LENGTH_MAX}
          />
          <Confirm
            label={t("group.remove", { name })}
            sure={t("group.removeSure")}
            yes={t("group.removeYes")}
            no={t("group.keep")}
            onYes={remove}
          />
        </div>
      )}
    </div>
  );
}

/** An element with more questions than a row can hold. */
function Block({ group, element, isFixed }: ElementProps) {
  const { sheet } = useHere();
  const [isOpen, setOpen] = useState(false);
  const name = elementName(group, element, sheet.inspection?.elements ?? {}, tongue());
  return (
    <div class="block">
      <button
        type="button"
        class="dn"
        aria-expanded={isOpen}
        aria-label={t("group.details", { name })}
        onClick={() => setOpen(!isOpen)}
      >
        <b>{name}</b>
        <Icon name={isOpen ? "up" : "down"} size={18} />
      </button>
      {isOpen && <ElementDetails {...{ group, element, isFixed, name }} />}
      {group.items.map((item) => (
        <Item key={item.id} item={item} path={`${group.id}.${element}.${item.id}`} />
      ))}
    </div>
  );
}

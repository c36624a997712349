// People and their devices: who is there, what holds unsent work, a code to enrol, the end of a device.
// Rule: a link to enrol is shown once and said to be; a device that holds work is first let send it.

import { useState } from "preact/hooks";
import type { Failed } from "../../sync/office.ts";
import type {
  Deactivated,
  DevicePage,
  DeviceSummary,
  PersonPage,
  PersonSummary,
} from "../../wire/types.ts";
import { address } from "../kit/address.ts";
import { Dialog } from "../kit/dialog.tsx";
import { SectionHeader } from "../kit/layout.tsx";
import { Menu, type MenuItem } from "../kit/menu.tsx";
import { Empty } from "../kit/notices.tsx";
import { StateWord } from "../kit/state.tsx";
import { type Column, Table } from "../kit/table.tsx";
import { instant } from "../words/format.ts";
import { READS, WRITES } from "./api.ts";
import { EnrolCode } from "./enrol-code.tsx";
import { Failure, Show } from "./failure.tsx";
import { heldShort } from "./files/words.ts";
import { Pager, readOffset, useTyped } from "./list.tsx";
import { PersonDetails } from "./person-details.tsx";
import { importWords, RescueImport } from "./rescue.tsx";
import { Page } from "./shell.tsx";
import { minute, useMay, useOffice, useRead } from "./state.ts";
import { ago, isSilent } from "./times.ts";
import { deviceWord, dotted, inLanguage, roleWord, t } from "./words.ts";

function rolesOf(person: PersonSummary): string {
  const roles = [...new Set((person.grants ?? []).map((grant) => roleWord(grant.role)))];
  return roles.length > 0 ? roles.join(t("list.and")) : t("account.noRole");
}

type PeopleProps = {
  page: PersonPage;
  onEnrol: (person: PersonSummary) => void;
  /** Null where it is not this person's to say who leaves. */
  onLeave: ((person: PersonSummary) => void) | null;
  onReturn: ((person: PersonSummary) => void) | null;
  onDetails: ((person: PersonSummary) => void) | null;
};

function People({ page, onEnrol, onLeave, onReturn, onDetails }: PeopleProps) {
  const inUse = ({ devices = 0 }: PersonSummary) => devices;
  const columns: readonly Column<PersonSummary>[] = [
    {
      key: "name",
      title: t("person.name"),
      sort: (person) => person.name,
      cell: (person) => (
        <>
          <b>{person.name}</b>
          <span class="note block">{person.login}</span>
        </>
      ),
    },
    { key: "role", title: t("person.role"), cell: rolesOf },
    {
      key: "phone",
      title: t("person.contact"),
      cell: (person) => (
        <>
          <span class="nw">{person.phone}</span>
          <span class="note block mail">{person.email}</span>
        </>
      ),
    },
    {
      key: "devices",
      title: t("person.devices"),
      num: true,
      sort: inUse,
      cell: inUse,
    },
    {
      key: "enrol",
      title: "",
      num: true,
      cell: (person) =>
        person.active === false ? (
          <span class="faint">{t("person.left")}</span>
        ) : (
          <button type="button" class="btn" onClick={() => onEnrol(person)}>
            {t("enrol.make")}
          </button>
        ),
    },
    {
      key: "more",
      title: "",
      num: true,
      cell: (person) => {
        const isHere = person.active !== false;
        const act = isHere ? onLeave : onReturn;
        if (act === null || onDetails === null) return null;
        const label = t(isHere ? "person.leave" : "person.return");
        return (
          <Menu
            items={[
              { label: t("person.details"), onClick: () => onDetails(person) },
              { label, onClick: () => act(person) },
            ]}
          />
        );
      },
    },
  ];
  const { rows, total, offset = 0 } = page;
  if (rows.length === 0) return <Empty why={t("people.none")} />;
  return (
    <div class="wide people">
      <Table
        caption={t("people.title")}
        columns={columns}
        rows={rows}
        rowKey={(person) => person.id}
      />
      <Pager total={total} offset={offset} shown={rows.length} />
    </div>
  );
}

/** What a device said it holds, and since when. */
function Held({ device }: { device: DeviceSummary }) {
  const { zone } = useOffice();
  const { unsent = 0, unsent_since, photos_left = 0 } = device;
  const since = unsent > 0 && unsent_since ? ago(unsent_since, minute.value) : null;
  const parts = [
    unsent > 0 ? t("device.holds", { n: unsent }) : null,
    since === null ? null : t("device.since", { ago: since }),
    photos_left > 0 && !device.held ? t("device.photosLeft", { n: photos_left }) : null,
    device.held ? heldShort(device.held, zone, minute.value) : null,
  ];
  const words = parts.filter((part) => part !== null).join(t("list.semicolon"));
  return words === "" ? null : <span class="note block">{words}</span>;
}

function DeviceState({ device }: { device: DeviceSummary }) {
  const { state, unsent = 0, photos_left = 0, seen_at } = device;
  const isHolding = unsent + photos_left > 0 || device.held != null;
  if (state !== "active") {
    const isDead = state === "dead";
    return (
      <>
        <StateWord icon={isDead ? "dash" : "paused"} tone={isDead ? "quiet" : "warn"} size={16}>
          {deviceWord(state)}
        </StateWord>
        <Held device={device} />
      </>
    );
  }
  if (isHolding) {
    return (
      <>
        <StateWord icon="clock" tone={isSilent(seen_at, minute.value) ? "warn" : "plain"} size={16}>
          {t("device.notSent")}
        </StateWord>
        <Held device={device} />
      </>
    );
  }
  return (
    <StateWord icon="device" tone="quiet" size={16}>
      {t("device.nothingHeld")}
    </StateWord>
  );
}

type DevicesProps = {
  page: DevicePage;
  onEnd: (device: DeviceSummary, state: "draining" | "dead") => void;
};

function Devices({ page, onEnd }: DevicesProps) {
  const { zone } = useOffice();
  const actions = (device: DeviceSummary): readonly MenuItem[] => [
    ...(device.state === "active"
      ? [{ label: t("device.drain"), onClick: () => onEnd(device, "draining") }]
      : []),
    { label: t("device.end"), onClick: () => onEnd(device, "dead") },
  ];
  const columns: readonly Column<DeviceSummary>[] = [
    {
      key: "name",
      title: t("device.name"),
      sort: (device) => device.name,
      cell: (device) => (
        <>
          <b>{device.name}</b>
          <span class="note block">{device.app_version}</span>
        </>
      ),
    },
    {
      key: "person",
      title: t("device.person"),
      sort: (device) => device.person_name,
      cell: (device) => device.person_name,
    },
    {
      key: "state",
      title: t("device.state"),
      sort: (device) => (device.unsent ?? 0) + (device.photos_left ?? 0),
      cell: (device) => <DeviceState device={device} />,
    },
    {
      key: "seen",
      title: t("today.lastContact"),
      sort: (device) => (device.seen_at ? Date.parse(device.seen_at) : null),
      cell: (device) => (device.seen_at ? ago(device.seen_at, minute.value) : t("device.never")),
    },
    {
      key: "enrolled",
      title: t("device.enrolled"),
      sort: (device) => Date.parse(device.enrolled_at),
      cell: (device) => instant(device.enrolled_at, zone, minute.value),
    },
    {
      key: "more",
      title: "",
      num: true,
      cell: (device) => (device.state === "dead" ? null : <Menu items={actions(device)} />),
    },
  ];
  const { rows, total, offset = 0 } = page;
  if (rows.length === 0) return <Empty why={t("devices.none")} />;
  return (
    <div class="wide">
      <Table
        caption={t("devices.title")}
        columns={columns}
        rows={rows}
        rowKey={(device) => device.id}
        sortName="devices-sort"
      />
      <Pager total={total} offset={offset} shown={rows.length} name="devices-offset" />
    </div>
  );
}

type Ending = { readonly device: DeviceSummary; readonly state: "draining" | "dead" };

type AskProps = { ending: Ending; onClose: () => void; onDo: (ending: Ending) => void };

function Ask({ ending, onClose, onDo }: AskProps) {
  const { device, state } = ending;
  const unsent = device.unsent ?? 0;
  const consequence =
    state === "draining"
      ? t("device.drainMore")
      : unsent > 0
        ? t("device.endLoses", { n: unsent })
        : t("device.endMore");
  return (
    <Dialog
      question={
        state === "draining"
          ? t("device.askDrain", { name: device.name })
          : t("device.askEnd", { name: device.name })
      }
      consequence={consequence}
      safe={{ label: t("device.keep"), onClick: onClose }}
      act={{
        label: t(state === "draining" ? "device.drain" : "device.end"),
        onClick: () => onDo(ending),
      }}
    />
  );
}

type LeavingProps = { person: PersonSummary; onClose: () => void; onDo: () => void };

function AskLeaving({ person, onClose, onDo }: LeavingProps) {
  return (
    <Dialog
      question={t("person.askLeave", { name: person.name })}
      consequence={t("person.leaveMore")}
      safe={{ label: t("person.stay"), onClick: onClose }}
      act={{ label: t("person.leave"), onClick: onDo }}
    />
  );
}

/** What somebody who left still stands for: rounds that wait for another. */
function HandOvers({ left }: { left: Deactivated }) {
  const { zone } = useOffice();
  const { person, rounds = [], rounds_total = 0, devices_draining = 0 } = left;
  const rest = rounds_total - rounds.length;
  return (
    <section class="handover" role="status" aria-label={t("person.hasLeft", { name: person.name })}>
      <h3>{t("person.hasLeft", { name: person.name })}</h3>
      {devices_draining > 0 && <p>{t("person.draining", { n: devices_draining })}</p>}
      <p>{rounds_total > 0 ? t("person.rounds", { n: rounds_total }) : t("person.noRounds")}</p>
      <ul>
        {rounds.map(({ assignment, site_name, title, due_at }) => (
          <li key={assignment}>
            <a href={`/office/assignments/${assignment}`}>
              {dotted(site_name, title ? inLanguage(title) : "")}
            </a>
            {due_at && <span class="note"> {instant(due_at, zone, minute.value)}</span>}
          </li>
        ))}
      </ul>
      {rest > 0 && <p class="note">{t("person.roundsMore", { n: rest })}</p>}
    </section>
  );
}

/** Who leaves and comes back, and what the server said to it. */
function useLeaving(again: () => void) {
  const { client } = useOffice();
  const may = useMay("people");
  const [leaving, setLeaving] = useState<PersonSummary | null>(null);
  const [left, setLeft] = useState<Deactivated | null>(null);
  const [failed, setFailed] = useState<Failed | null>(null);
  const leave = async (person: PersonSummary) => {
    setLeaving(null);
    const answer = await client.write<Deactivated>(WRITES.deactivate(person.id), {});
    setLeft(answer.kind === "ok" ? answer.value : null);
    setFailed(answer.kind === "ok" ? null : answer);
    again();
  };
  const back = async (person: PersonSummary) => {
    setLeft(null);
    const answer = await client.write<PersonSummary>(WRITES.reactivate(person.id), {});
    setFailed(answer.kind === "ok" ? null : answer);
    again();
  };
  return {
    onLeave: may ? setLeaving : null,
    onReturn: may ? (person: PersonSummary) => void back(person) : null,
    shown: (
      <>
        {failed && <Failure failed={failed} safe={t("safe.unchanged")} />}
        {left && <HandOvers left={left} />}
        {leaving && (
          <AskLeaving
            person={leaving}
            onClose={() => setLeaving(null)}
            onDo={() => void leave(leaving)}
          />
        )}
      </>
    ),
  };
}

function Lists() {
  const { client } = useOffice();
  const { query } = address.value;
  const q = query.get("q");
  const from = (name: string) => readOffset(query.get(name) ?? "") || null;
  const people = useRead(READS.people({ q, sort: query.get("sort"), offset: from("offset") }));
  const devices = useRead(
    READS.devices({ q, sort: query.get("devices-sort"), offset: from("devices-offset") }),
  );
  const [enrolling, setEnrolling] = useState<PersonSummary | null>(null);
  const [ending, setEnding] = useState<Ending | null>(null);
  const [changing, setChanging] = useState<PersonSummary | null>(null);
  const [failed, setFailed] = useState<Failed | null>(null);
  const [isImporting, setImporting] = useState(false);
  const end = async ({ device, state }: Ending) => {
    setEnding(null);
    const answer = await client.write<null>(WRITES.endDevice(device.id), { state });
    setFailed(answer.kind === "ok" ? null : answer);
    devices.again();
  };
  const { onLeave, onReturn, shown } = useLeaving(() => {
    people.again();
    devices.again();
  });
  return (
    <>
      {enrolling && <EnrolCode person={enrolling} onClose={() => setEnrolling(null)} />}
      <section>
        <SectionHeader title={t("people.title")} />
        {shown}
        {changing && (
          <PersonDetails
            key={changing.id}
            person={changing}
            onClose={() => setChanging(null)}
            onDone={() => {
              setChanging(null);
              people.again();
              devices.again();
            }}
          />
        )}
        <Show loaded={people} words={t("people.loading")}>
          {(page) => (
            <People
              page={page}
              onEnrol={setEnrolling}
              onLeave={onLeave}
              onReturn={onReturn}
              onDetails={onLeave && setChanging}
            />
          )}
        </Show>
      </section>
      <section>
        <SectionHeader
          title={t("devices.title")}
          action={{ label: importWords(), onClick: () => setImporting(true) }}
        />
        {isImporting && (
          <RescueImport onClose={() => setImporting(false)} onDone={() => devices.again()} />
        )}
        {failed && <Failure failed={failed} safe={t("safe.unchanged")} />}
        <Show loaded={devices} words={t("devices.loading")}>
          {(page) => (
            <Devices page={page} onEnd={(device, state) => setEnding({ device, state })} />
          )}
        </Show>
      </section>
      {ending && (
        <Ask ending={ending} onClose={() => setEnding(null)} onDo={(one) => void end(one)} />
      )}
    </>
  );
}

export function PeoplePage() {
  const [text, setText] = useTyped("q");
  const may = useMay("enrol");
  const find = { value: text, onInput: setText, words: t("people.find") };
  return (
    <Page title={t("place.people")} find={find}>
      <main class="scroll pad">{may ? <Lists /> : <Empty why={t("refused.notAllowed")} />}</main>
    </Page>
  );
}

// The link (or QR code) that makes a tablet a device: `https://host/enrol#<ticket>`. The ticket stands
// behind `#`, so that no proxy and no server log ever sees it. Rule: pure.

export interface EnrolLink {
  /** Scheme, host and port. */
  readonly server: string;
  readonly ticket: string;
}

const TICKET_LENGTH_MIN = 8;
const TICKET_LENGTH_MAX = 200;

/** Read an enrolment link out of what was scanned or pasted; null when it is none. */
export function readEnrolLink(text: string): EnrolLink | null {
  const url = urlOf(text.trim());
  if (url === null) return null;
  const { origin, protocol, pathname, hash } = url;
  const ticket = hash.slice(1);
  const fits = /^[A-Za-z0-9._~-]+$/.test(ticket) && ticket.length <= TICKET_LENGTH_MAX;
  if (!/^https?:$/.test(protocol) || !/^\/enrol\/?$/.test(pathname) || !fits) return null;
  return ticket.length >= TICKET_LENGTH_MIN ? { server: origin, ticket } : null;
}

function urlOf(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

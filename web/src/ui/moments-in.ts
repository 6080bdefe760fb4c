const WRITTEN = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** Return words with the moments in them as a person reads them, in their own time zone: the API writes RFC 3339 in UTC. */
export function momentsIn(words: string, format: Intl.DateTimeFormat = USUAL): string {
  return words.replace(WRITTEN, (at) => {
    const moment = new Date(at);
    return Number.isNaN(moment.getTime()) ? at : format.format(moment);
  });
}

const USUAL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

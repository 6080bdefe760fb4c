/** What a deed would do, as the rehearsal of it says: winners, losers, sums and the house, by currency. */
import { ApiProblem, type Schemas } from "@/data";
import { Badge, Facts, Failed, Money, Table } from "@/ui";
import { Id } from "./places";

type Preview = Schemas["Preview"];
type Change = Schemas["CustomerChange"];

export function PreviewShown({ preview }: { preview: Preview }) {
  if (preview.refused) {
    const { detail } = preview.refused as { detail?: string };
    return <Failed error={new ApiProblem(409, "refused", detail ?? "It would be refused.")} />;
  }
  return (
    <section aria-label="What it would do" className="flex min-w-0 flex-col gap-4">
      {preview.currencies.length === 0 && <p className="text-sm">It would move no money.</p>}
      {preview.currencies.map((each) => (
        <Currency key={each.currency} change={each} />
      ))}
      <p className="text-2xs text-ink-faint">
        Worked out by the rules themselves on the books as of record{" "}
        <Id kind="record" id={String(preview.seq)} />. Nothing is booked.
      </p>
    </section>
  );
}

function Currency({ change }: { change: Schemas["CurrencyPreview"] }) {
  const money = (amount: string, tone = true) => <Money amount={amount} code={change.currency} tone={tone} />;
  return (
    <div className="flex flex-col gap-3">
      <div className="grid gap-x-8 gap-y-3 sm:grid-cols-2">
        <div>
          <h3 className="mb-1 text-xs font-medium text-ink-soft">Customers</h3>
          <Facts
            items={[
              ["Concerned", String(change.customers)],
              ["Gain", `${change.winners}`],
              ["Lose", `${change.losers}`],
              ["They gain", money(change.paid, false)],
              ["They lose", money(change.taken, false)],
            ]}
          />
        </div>
        <div>
          <h3 className="mb-1 text-xs font-medium text-ink-soft">The house</h3>
          <Facts
            items={[
              ["Bank", money(change.bank)],
              ["Fees", money(change.fees)],
              ["Rounding", money(change.rounding)],
              ["Owed by customers", money(change.receivable)],
              ["Leaves by a rail", money(change.outside)],
            ]}
          />
        </div>
      </div>
      <Changes label="Who gets most cash" rows={change.largest} of={change.customers} />
      <Changes label="Who would owe more" rows={change.owing} of={change.customers} />
    </div>
  );
}

function Changes({ label, rows, of }: { label: string; rows: readonly Change[]; of: number }) {
  if (rows.length === 0) return null;
  return (
    <div className="rounded-md border border-line">
      <h3 className="px-3 py-1.5 text-xs font-medium text-ink-soft">
        {label} {rows.length < of && <span className="text-ink-faint">({rows.length} shown)</span>}
      </h3>
      <Table
        label={label}
        rows={rows}
        rowKey={(row) => row.user_id}
        columns={[
          { key: "who", head: "Customer", cell: (row) => <Id id={row.user_id}>{row.username}</Id> },
          { key: "net", head: "Altogether", isNumber: true, cell: (row) => <Money amount={row.net} tone /> },
          { key: "cash", head: "Cash", isNumber: true, cell: (row) => <Money amount={row.cash} tone /> },
          {
            key: "owes",
            head: "Owes then",
            isNumber: true,
            cell: (row) => (/^0[.0]*$/.test(row.owes) ? "–" : <Badge tone="bad">{row.owes}</Badge>),
          },
        ]}
      />
    </div>
  );
}

/** Customers by any word, a tag, or who is frozen. */
import { call, http, type Schemas } from "@/data";
import { Badge, Empty, Moment, Money, Select } from "@/ui";
import { Listed, SearchField } from "./listed";
import { List, useList } from "./lists";
import { type Go, Id, type Place, To } from "./places";

type Customer = Schemas["CustomerFound"];

/** The API takes one filter at a time: choosing one ends the other. */
export function CustomersView({ place, go }: { place: Place; go: Go }) {
  const query = place.q
    ? { q: place.q }
    : place.tag
      ? { tag: place.tag }
      : place.status === "frozen"
        ? { frozen: true }
        : {};
  const list = useList<Customer>(["customers", query], (after, signal) =>
    call(http.GET("/v1/customers", { params: { query: { limit: 50, ...query, ...after } }, signal })),
  );
  return (
    <Listed
      title="Customers"
      filters={
        <>
          <SearchField
            key={place.q}
            place={{ view: "customers", ...(place.q ? { q: place.q } : {}) }}
            go={go}
            placeholder="Id, name or e-mail"
          />
          <Select
            label="Which"
            hideLabel
            value={place.status === "frozen" ? "frozen" : ""}
            onChange={(event) => go({ view: "customers", status: event.target.value })}
            options={[
              ["", "All"],
              ["frozen", "Frozen"],
            ]}
          />
          {place.tag && (
            <span className="text-xs">
              Tagged {place.tag}. <To place={{ view: "customers" }}>Show all</To>
            </span>
          )}
        </>
      }
    >
      <List
        list={list}
        label="Customers"
        rowKey={(row) => row.id}
        empty={
          <Empty title="Nobody fits">
            Search by the beginning of a name or an e-mail address, or by an id.
          </Empty>
        }
        columns={[
          { key: "name", head: "Customer", cell: (row) => <Id id={row.id}>{row.username}</Id> },
          { key: "id", head: "Id", isExtra: true, cell: (row) => <Id id={row.id} /> },
          {
            key: "email",
            head: "E-mail",
            isExtra: true,
            cell: (row) => <span className="break-all">{row.email ?? "–"}</span>,
          },
          {
            key: "status",
            head: "Status",
            cell: (row) => (
              <Badge tone={row.status === "active" ? "good" : "bad"}>
                {row.excluded_until ? "excluded" : row.status}
              </Badge>
            ),
          },
          { key: "tags", head: "Tags", isExtra: true, cell: (row) => <Tags tags={row.tags} /> },
          {
            key: "notes",
            head: "Notes",
            isNumber: true,
            isExtra: true,
            cell: (row) => row.notes || "–",
          },
          {
            key: "cash",
            head: "Cash",
            isNumber: true,
            cell: (row) => <Sums money={row.money} of="cash" />,
          },
          {
            key: "play",
            head: "In play",
            isNumber: true,
            isExtra: true,
            cell: (row) => <Sums money={row.money} of="in_play" />,
          },
          { key: "since", head: "Since", isExtra: true, cell: (row) => <Moment at={row.registered_at} /> },
        ]}
      />
    </Listed>
  );
}

export function Tags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return "–";
  return tags.map((tag, place) => (
    <span key={tag}>
      {place > 0 && ", "}
      <To place={{ view: "customers", tag }}>{tag}</To>
    </span>
  ));
}

function Sums({ money, of }: { money: Customer["money"]; of: "cash" | "in_play" }) {
  if (money.length === 0) return "–";
  return (
    <span className="flex flex-col">
      {money.map((each) => (
        <Money key={each.currency} amount={each[of]} code={each.currency} />
      ))}
    </span>
  );
}

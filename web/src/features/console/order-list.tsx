/** Orders on the exchange, of a market or of a customer. */
import type { Schemas } from "@/data";
import { Money } from "@/ui";
import { List, type useList } from "./lists";
import { Id } from "./places";

export function OrderList({
  list,
  label,
}: {
  list: ReturnType<typeof useList<Schemas["Order"]>>;
  label: string;
}) {
  return (
    <List
      list={list}
      label={label}
      rowKey={(row) => row.id}
      empty="No orders yet"
      columns={[
        { key: "id", head: "Order", cell: (row) => <Id id={row.id} /> },
        { key: "who", head: "Customer", isExtra: true, cell: (row) => <Id id={row.user_id} /> },
        { key: "side", head: "Side", cell: (row) => `${row.side} ${row.odds}` },
        { key: "stake", head: "Stake", isNumber: true, cell: (row) => <Money amount={row.stake} /> },
        { key: "matched", head: "Matched", isNumber: true, cell: (row) => <Money amount={row.matched} /> },
        { key: "status", head: "Status", isExtra: true, cell: (row) => row.status },
      ]}
    />
  );
}

/** Orders on the exchange: those of a market say whose each is. */
import type { Schemas } from "@/data";
import { Money } from "@/ui";
import { List, type useList } from "./lists";
import { Id } from "./places";

export function OrderList({
  list,
  label,
  ofOne = false,
}: {
  list: ReturnType<typeof useList<Schemas["Order"]>>;
  label: string;
  /** All are the same customer's. */
  ofOne?: boolean;
}) {
  return (
    <List
      list={list}
      label={label}
      rowKey={(row) => row.id}
      empty="No orders yet"
      columns={[
        { key: "id", head: "Order", cell: (row) => <Id id={row.id} /> },
        ...(ofOne
          ? []
          : [
              {
                key: "who",
                head: "Customer",
                isExtra: true,
                cell: (row: Schemas["Order"]) => <Id id={row.user_id} />,
              },
            ]),
        { key: "side", head: "Side", cell: (row) => `${row.side} ${row.odds}` },
        { key: "stake", head: "Stake", isNumber: true, cell: (row) => <Money amount={row.stake} /> },
        { key: "matched", head: "Matched", isNumber: true, cell: (row) => <Money amount={row.matched} /> },
        { key: "status", head: "Status", isExtra: true, cell: (row) => row.status },
      ]}
    />
  );
}

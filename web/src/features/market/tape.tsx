/** The latest trades of the market, the newest first. */
import { useQuery } from "@tanstack/react-query";
import { bookKeys, type MarketBook, oddsOf, type StreamTrade } from "@/core";
import { call, http, useStored } from "@/data";
import { Asked, Empty, Moment, Money, Odds, Table } from "@/ui";

const SHOWN = 40;

export function Tape({
  book,
  market,
  nameOf,
}: {
  book: MarketBook;
  market: string;
  nameOf: (runner: string) => string;
}) {
  useStored(book.store, bookKeys.trades);
  const earlier = useQuery({
    queryKey: ["trades", market],
    queryFn: ({ signal }) =>
      call(
        http.GET("/v1/exchange/markets/{id}/trades", {
          params: { path: { id: market }, query: { limit: SHOWN } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const live = book.trades;
  const known = new Set(live.map((each) => each.id));
  const all = [...live, ...(earlier.data?.items ?? []).filter((each) => !known.has(each.id))].slice(
    0,
    SHOWN,
  ) as readonly StreamTrade[];
  return (
    <Asked query={{ ...earlier, data: earlier.data || live.length > 0 ? all : undefined }}>
      {(trades) =>
        trades.length === 0 ? (
          <Empty title="Nothing has been traded yet" />
        ) : (
          <Table
            label="Latest trades"
            rows={trades}
            rowKey={(trade) => trade.id}
            columns={[
              { key: "at", head: "At", cell: (trade) => <Moment at={trade.at} only="time" /> },
              { key: "runner", head: "Runner", cell: (trade) => nameOf(trade.runner_id) },
              {
                key: "odds",
                head: "Odds",
                isNumber: true,
                cell: (trade) => <Odds odds={oddsOf(trade.odds)} />,
              },
              { key: "size", head: "Size", isNumber: true, cell: (trade) => <Money amount={trade.size} /> },
            ]}
          />
        )
      }
    </Asked>
  );
}

/** Money in: over a chain, to an address of one's own; in a house for play, by saying so. */
import { useQuery } from "@tanstack/react-query";
import { moneyText } from "@/core";
import { call, http, useCommand, useConfig } from "@/data";
import { Asked, Badge, CopyText, Empty, Moment, Money, Panel, QrCode, Table, tell } from "@/ui";
import { AmountForm } from "./amount-form";

export function DepositTab({ currency }: { currency: string }) {
  const { features, demo } = useConfig();
  const rail = features.chain_rail;
  if (rail?.currency === currency) {
    return (
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Address />
        {demo && <PlayMoney key={currency} currency={currency} />}
        <Arrived />
      </div>
    );
  }
  if (demo) return <PlayMoney key={currency} currency={currency} />;
  return (
    <Empty title={`There is no way to pay ${currency} in by yourself`}>
      Ask the house: an operator can book what you have paid in.
    </Empty>
  );
}

/** In a house for play, money comes for the asking. */
function PlayMoney({ currency }: { currency: string }) {
  const deposit = useCommand({
    send: (amount: string, key) =>
      call(
        http.POST("/v1/demo/deposits", {
          params: { header: { "Idempotency-Key": key } },
          body: { amount, currency },
        }),
      ),
    done: (booked) => tell(`${moneyText(booked.amount, { code: booked.currency })} is yours to play with`),
  });
  return (
    <AmountForm
      title="Play money"
      verb="Deposit play money"
      currency={currency}
      initial="100"
      className="max-w-md"
      moving={deposit}
    />
  );
}

function Address() {
  const wallet = useQuery({
    queryKey: ["chain-wallet"],
    queryFn: ({ signal }) => call(http.POST("/v1/chain/wallet", { body: {}, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Panel title="Your address">
      <Asked query={wallet} rows={3}>
        {(found) => (
          <div className="flex flex-col items-start gap-3">
            <QrCode text={found.address} label={`QR code of the address ${found.address}`} />
            <div className="w-full">
              <CopyText text={found.address} />
            </div>
            <p className="text-xs text-ink-soft">
              Send {found.currency} on {found.rail} only: anything else that arrives here is not credited. The
              address is yours and stays the same.
            </p>
          </div>
        )}
      </Asked>
    </Panel>
  );
}

function Arrived() {
  const deposits = useQuery({
    queryKey: ["chain-deposits"],
    queryFn: ({ signal }) =>
      call(http.GET("/v1/chain/deposits", { params: { query: { limit: 20, user_id: "me" } }, signal })),
    refetchInterval: 5_000,
  });
  return (
    <Panel title="What has arrived" flush className="lg:col-span-2">
      <Asked query={deposits} rows={2}>
        {(found) =>
          found.items.length === 0 ? (
            <Empty title="Nothing yet" />
          ) : (
            <Table
              label="Deposits over the chain"
              rows={found.items}
              rowKey={(row) => row.id}
              columns={[
                { key: "at", head: "Seen", cell: (row) => <Moment at={row.found_at} /> },
                {
                  key: "amount",
                  head: "Amount",
                  isNumber: true,
                  cell: (row) => <Money amount={row.amount ?? "0"} code={row.currency} />,
                },
                {
                  key: "status",
                  head: "Status",
                  cell: (row) => (
                    <Badge tone={row.status === "credited" ? "good" : "warn"}>{row.status}</Badge>
                  ),
                },
              ]}
            />
          )
        }
      </Asked>
    </Panel>
  );
}

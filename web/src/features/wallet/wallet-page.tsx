/** One's money: balances, the statement, and ways in and out. What is filtered stands in the address. */
import { getRouteApi, Link } from "@tanstack/react-router";
import { amountOf } from "@/core";
import { useBalances, useConfig, useMe } from "@/data";
import { Empty, Money, PageHead, Panel, Skeleton, Tabs } from "@/ui";
import { DepositTab } from "./deposit-tab";
import { Statement } from "./statement";
import { TransferTab } from "./transfer-tab";
import { WithdrawTab } from "./withdraw-tab";

const route = getRouteApi("/wallet");

export function WalletPage() {
  const me = useMe();
  const { currencies } = useConfig();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const code = currencies.find((each) => each.code === search.currency)?.code ?? currencies[0]?.code ?? "USD";
  if (me === null) {
    return (
      <Empty
        isPage
        title="Log in to see your wallet"
        action={
          <Link to="/login" search={{ to: "/wallet" }} className="text-accent underline">
            Log in
          </Link>
        }
      />
    );
  }
  if (!me?.id) return <Empty isPage title="This login has no account of its own" />;
  const change = (changes: Record<string, string>) =>
    void navigate({ search: { ...search, ...changes }, replace: true, resetScroll: false });
  return (
    <>
      <PageHead title="Wallet" />
      <Balances chosen={code} choose={(currency) => change({ currency })} />
      <div className="mt-4">
        <Tabs
          value={search.view ?? "statement"}
          onChange={(view) => change({ view })}
          tabs={[
            {
              key: "statement",
              label: "Statement",
              content: <Statement user={me.id} currency={code} filters={search} change={change} />,
            },
            { key: "deposit", label: "Deposit", content: <DepositTab currency={code} /> },
            { key: "withdraw", label: "Withdraw", content: <WithdrawTab user={me.id} currency={code} /> },
            { key: "transfer", label: "Pay", content: <TransferTab currency={code} /> },
          ]}
        />
      </div>
    </>
  );
}

function Balances({ chosen, choose }: { chosen: string; choose: (currency: string) => void }) {
  const { currencies } = useConfig();
  const balances = useBalances();
  return (
    <div className="grid grid-cols-2 gap-2 md:grid-cols-3 md:gap-3 xl:grid-cols-5">
      {currencies.map(({ code, scale }) => {
        const nothing = amountOf(0n, scale);
        const balance = balances.find((each) => each.currency === code);
        return (
          <button
            key={code}
            type="button"
            aria-pressed={code === chosen}
            onClick={() => choose(code)}
            className={`flex flex-col items-start rounded-lg border bg-raised p-3 text-start ${code === chosen ? "border-accent ring-1 ring-accent" : "border-line hover:border-line-strong"}`}
          >
            <span className="block text-2xs text-ink-soft">{code}</span>
            <span className="block text-md font-semibold md:text-lg">
              {<Money amount={balance?.cash ?? nothing} />}
            </span>
            <span className="mt-1 flex flex-wrap gap-x-3 text-2xs text-ink-soft">
              <span>
                In play <Money amount={balance?.escrow ?? nothing} />
              </span>
              <span>
                Withdrawing <Money amount={balance?.withdrawing ?? nothing} />
              </span>
              {balance && !/^0[.0]*$/.test(balance.owed) && (
                <span className="text-danger">
                  You owe <Money amount={balance.owed} />
                </span>
              )}
            </span>
          </button>
        );
      })}
      {currencies.length === 0 && (
        <Panel>
          <Skeleton />
        </Panel>
      )}
    </div>
  );
}

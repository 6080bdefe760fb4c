/** The operators' console. What is looked at stands in the address; every id leads to what it names. */
import { getRouteApi } from "@tanstack/react-router";
import { isOperator, useMe } from "@/data";
import { Empty, PageHead, Tabs } from "@/ui";
import { ApprovalsView } from "./approvals-view";
import { CustomersView } from "./customers-view";
import { EventsView } from "./events-view";
import { JournalView } from "./journal-view";
import { LedgerView } from "./ledger-view";
import { MarketsView } from "./markets-view";
import { OverviewView } from "./overview-view";
import { RoundsView } from "./rounds-view";
import { WithdrawalsView } from "./withdrawals-view";

const route = getRouteApi("/console");

export function ConsolePage() {
  const me = useMe();
  const { view = "overview", q, id } = route.useSearch();
  const navigate = route.useNavigate();
  if (me === undefined) return null;
  if (!isOperator(me)) return <Empty title="This is for operators">Log in as one to see it.</Empty>;
  const go = (next: { view: string; q?: string; id?: string }) => void navigate({ search: next });
  return (
    <>
      <PageHead title="Console" />
      <Tabs
        value={view}
        onChange={(next) => go({ view: next })}
        tabs={[
          { key: "overview", label: "Overview", content: <OverviewView go={go} /> },
          { key: "markets", label: "Markets", content: <MarketsView /> },
          { key: "events", label: "Events", content: <EventsView /> },
          { key: "rounds", label: "Rounds", content: <RoundsView /> },
          { key: "approvals", label: "Approvals", content: <ApprovalsView /> },
          { key: "customers", label: "Customers", content: <CustomersView words={q} chosen={id} go={go} /> },
          { key: "withdrawals", label: "Withdrawals", content: <WithdrawalsView go={go} /> },
          { key: "ledger", label: "Ledger", content: <LedgerView chosen={id} go={go} /> },
          { key: "journal", label: "Journal", content: <JournalView /> },
        ]}
      />
    </>
  );
}

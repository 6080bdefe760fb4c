import { PageHead } from "@/ui";

export function BetsPage() {
  return <PageHead title="My bets" />;
}

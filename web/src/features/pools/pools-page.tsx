import { PageHead } from "@/ui";

export function PoolsPage() {
  return <PageHead title="Pools" />;
}

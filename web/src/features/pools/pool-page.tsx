import { PageHead } from "@/ui";

export function PoolPage() {
  return <PageHead title="Pool" />;
}

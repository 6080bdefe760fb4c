import { PageHead } from "@/ui";

export function SportsPage() {
  return <PageHead title="Sports" />;
}

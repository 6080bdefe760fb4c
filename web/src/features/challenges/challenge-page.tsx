import { PageHead } from "@/ui";

export function ChallengePage() {
  return <PageHead title="Challenge" />;
}

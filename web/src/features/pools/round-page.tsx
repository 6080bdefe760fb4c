import { PageHead } from "@/ui";

export function RoundPage() {
  return <PageHead title="Round" />;
}

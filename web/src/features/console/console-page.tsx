import { PageHead } from "@/ui";

export function ConsolePage() {
  return <PageHead title="Console" />;
}

import { PageHead } from "@/ui";

export function EventPage() {
  return <PageHead title="Event" />;
}

import { PageHead } from "@/ui";

export function NotificationsPage() {
  return <PageHead title="Notifications" />;
}

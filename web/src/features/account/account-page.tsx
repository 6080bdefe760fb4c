import { PageHead } from "@/ui";

export function AccountPage() {
  return <PageHead title="Account" />;
}

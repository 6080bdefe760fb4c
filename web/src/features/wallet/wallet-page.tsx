import { PageHead } from "@/ui";

export function WalletPage() {
  return <PageHead title="Wallet" />;
}

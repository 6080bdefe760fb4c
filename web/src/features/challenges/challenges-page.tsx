import { PageHead } from "@/ui";

export function ChallengesPage() {
  return <PageHead title="Challenges" />;
}

import type { ErrorComponentProps } from "@tanstack/react-router";
import { Link, useRouter } from "@tanstack/react-router";
import { ApiProblem } from "@/data";
import { Empty, Failed, Loading } from "@/ui";

export function MissingPage() {
  return (
    <Empty
      isPage
      title="There is no such page"
      action={
        <Link to="/" className="text-accent underline">
          Go to the lobby
        </Link>
      }
    >
      The address may be mistyped, or what it named may be gone.
    </Empty>
  );
}

export function PageBroke({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  if (error instanceof ApiProblem && error.status === 404) return <MissingPage />;
  const again = () => {
    reset();
    void router.invalidate();
  };
  return (
    <div className="mx-auto max-w-xl p-4">
      <Failed error={error} retry={again} />
    </div>
  );
}

export function PageComing() {
  return <Loading rows={6} label="The page is being loaded" />;
}

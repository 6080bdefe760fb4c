/** Where one is logged in, and ending that. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { clientName } from "@/core";
import { call, forgetWhoWeWere, http, type Schemas } from "@/data";
import { Asked, Badge, Button, Moment, Panel, Table, tell } from "@/ui";

type Session = Schemas["OwnSession"];

export function Sessions() {
  const sessions = useQuery({
    queryKey: ["sessions"],
    queryFn: ({ signal }) => call(http.GET("/v1/me/sessions", { signal })),
  });
  return (
    <Panel title="Where you are logged in" flush>
      <Asked query={sessions} rows={3}>
        {(found) => (
          <Table
            label="Sessions"
            rows={found.items}
            rowKey={(session) => session.id}
            columns={[
              {
                key: "client",
                head: "With",
                cell: (session) => (
                  <span className="flex flex-wrap items-center gap-2">
                    <span className="min-w-0 break-words" title={session.client ?? ""}>
                      {clientName(session.client)}
                    </span>
                    {session.current && <Badge tone="good">This one</Badge>}
                    {session.second_factor && <Badge>Second factor</Badge>}
                  </span>
                ),
              },
              { key: "from", head: "From", isExtra: true, cell: (session) => session.address ?? "–" },
              {
                key: "used",
                head: "Last used",
                cell: (session) => <Moment at={session.used_at} />,
              },
              {
                key: "end",
                head: <span className="sr-only">End</span>,
                isNumber: true,
                cell: (session) => <End session={session} />,
              },
            ]}
          />
        )}
      </Asked>
    </Panel>
  );
}

function End({ session }: { session: Session }) {
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: () => call(http.DELETE("/v1/me/sessions/{id}", { params: { path: { id: session.id } } })),
    onSuccess: async () => {
      if (session.current) await forgetWhoWeWere();
      else {
        tell("It is logged out");
        await queries.invalidateQueries({ queryKey: ["sessions"] });
      }
    },
    onError: (error) => tell("It was not ended", error.message, "bad"),
  });
  return (
    <Button
      size="small"
      tone="danger"
      aria-label={`End it: ${clientName(session.client)}${session.current ? ", this session" : ""}`}
      busy={end.isPending}
      onClick={() => end.mutate()}
    >
      End it
    </Button>
  );
}

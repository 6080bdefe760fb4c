/** Passkeys: logging in with this device's lock in place of a password and a code. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { addPasskey, call, http, type Schemas, useCanUsePasskeys, useConfig } from "@/data";
import { Asked, Button, Dialog, Empty, Failed, Field, Moment, Panel, Table, tell } from "@/ui";

type Passkey = Schemas["Passkey"];

const KEY = ["passkeys"];

export function Passkeys() {
  const canUse = useCanUsePasskeys();
  const { features } = useConfig();
  const [isAdding, setIsAdding] = useState(false);
  const passkeys = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => call(http.GET("/v1/me/passkeys", { signal })),
  });
  return (
    <Panel
      title="Passkeys"
      flush
      actions={
        canUse && (
          <Button
            size="small"
            icon={<KeyRound size={14} aria-hidden="true" />}
            onClick={() => setIsAdding(true)}
          >
            Add a passkey
          </Button>
        )
      }
    >
      <Asked query={passkeys} rows={2}>
        {(found) =>
          found.items.length === 0 ? (
            <Empty title="You have no passkeys">
              {canUse ? (
                "With one, you log in by your fingerprint, your face or your device's code: there is no password to be stolen."
              ) : features.passkey_origin ? (
                <Elsewhere origin={features.passkey_origin} />
              ) : (
                "This house does not take passkeys."
              )}
            </Empty>
          ) : (
            <List passkeys={found.items} />
          )
        }
      </Asked>
      {isAdding && <Add onClose={() => setIsAdding(false)} />}
    </Panel>
  );
}

/** What to do where passkeys do not work: another address is another login, so one has to log in there once more. */
function Elsewhere({ origin }: { origin: string }) {
  if (origin === location.origin) return "This browser knows no passkeys: use one that does.";
  return (
    <>
      Passkeys work at one address only, and this is another one. Open{" "}
      <a href={`${origin}/account?view=security`} className="text-accent underline">
        {origin}
      </a>
      , log in there, and add one.
    </>
  );
}

function List({ passkeys }: { passkeys: readonly Passkey[] }) {
  return (
    <Table
      label="Passkeys"
      rows={passkeys}
      rowKey={(passkey) => passkey.id}
      columns={[
        { key: "name", head: "Name", cell: (passkey) => <span className="break-words">{passkey.name}</span> },
        {
          key: "made",
          head: "Added",
          isExtra: true,
          cell: (passkey) => <Moment at={passkey.created_at} />,
        },
        {
          key: "used",
          head: "Last used",
          cell: (passkey) => (passkey.used_at ? <Moment at={passkey.used_at} /> : "never"),
        },
        {
          key: "do",
          head: <span className="sr-only">Rename or remove</span>,
          isNumber: true,
          cell: (passkey) => (
            <span className="inline-flex gap-1">
              <Rename passkey={passkey} />
              <Remove passkey={passkey} />
            </span>
          ),
        },
      ]}
    />
  );
}

function Remove({ passkey }: { passkey: Passkey }) {
  const queries = useQueryClient();
  const [isAsking, setIsAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => call(http.DELETE("/v1/me/passkeys/{id}", { params: { path: { id: passkey.id } } })),
    onSuccess: async () => {
      tell("The passkey is removed");
      setIsAsking(false);
      await queries.invalidateQueries({ queryKey: KEY });
    },
  });
  return (
    <>
      <Button
        size="small"
        tone="danger"
        aria-label={`Remove ${passkey.name}`}
        onClick={() => setIsAsking(true)}
      >
        Remove
      </Button>
      <Dialog
        open={isAsking}
        onClose={() => setIsAsking(false)}
        title={`Remove ${passkey.name}?`}
        note="It does not log you in any more. Sessions that it began go on; end them under Sessions."
      >
        {remove.error && <Failed error={remove.error} />}
        <div className="mt-2 flex justify-end gap-2">
          <Button onClick={() => setIsAsking(false)}>Keep it</Button>
          <Button tone="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
            Remove it
          </Button>
        </div>
      </Dialog>
    </>
  );
}

function Add({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const add = useMutation({
    mutationFn: (name: string) => addPasskey(name),
    onSuccess: async () => {
      tell("The passkey is added", "You can log in with it from now on.");
      onClose();
      await queries.invalidateQueries({ queryKey: KEY });
    },
  });
  return (
    <NameDialog
      title="Add a passkey"
      note="Your browser asks you to unlock your device."
      deed="Add it"
      name="This device"
      asked={add}
      onClose={onClose}
    />
  );
}

function Rename({ passkey }: { passkey: Passkey }) {
  const queries = useQueryClient();
  const [isAsking, setIsAsking] = useState(false);
  const rename = useMutation({
    mutationFn: (name: string) =>
      call(http.PATCH("/v1/me/passkeys/{id}", { params: { path: { id: passkey.id } }, body: { name } })),
    onSuccess: async () => {
      tell("The passkey has its new name");
      setIsAsking(false);
      await queries.invalidateQueries({ queryKey: KEY });
    },
  });
  return (
    <>
      <Button size="small" aria-label={`Rename ${passkey.name}`} onClick={() => setIsAsking(true)}>
        Rename
      </Button>
      {isAsking && (
        <NameDialog
          title={`Rename ${passkey.name}`}
          deed="Rename it"
          name={passkey.name}
          asked={rename}
          onClose={() => setIsAsking(false)}
        />
      )}
    </>
  );
}

/** Ask what a passkey is to be called, and do something with the name. */
function NameDialog({
  title,
  note,
  deed,
  name: before,
  asked,
  onClose,
}: {
  title: string;
  note?: string;
  deed: string;
  name: string;
  asked: { mutate: (name: string) => void; error: Error | null; isPending: boolean };
  onClose: () => void;
}) {
  const [name, setName] = useState(before);
  return (
    <Dialog open onClose={onClose} title={title} note={note}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          asked.mutate(name.trim() || before);
        }}
      >
        <Field
          label="What you call it"
          value={name}
          maxLength={100}
          onChange={(event) => setName(event.target.value)}
          hint="So that you know it again among others."
        />
        {asked.error && <Failed error={asked.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" busy={asked.isPending}>
            {deed}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

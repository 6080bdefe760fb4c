/** What was asked of the server, with its loading, failed and empty states, always the same. */
import { keepPreviousData, type UseQueryResult, useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button, type Column, Empty, Failed, Loading, Table } from "@/ui";

export function Asked<Data>({
  query,
  rows = 4,
  children,
}: {
  query: UseQueryResult<Data>;
  rows?: number;
  children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) {
    return (
      <>
        {query.isError && (
          <p role="alert" className="bg-warn-soft px-3 py-1.5 text-xs text-warn">
            This may be old: {query.error.message}
          </p>
        )}
        {children(query.data)}
      </>
    );
  }
  if (query.error)
    return (
      <div className="p-3">
        <Failed error={query.error} retry={() => query.refetch()} />
      </div>
    );
  return <Loading rows={rows} />;
}

interface PageOf<Row> {
  readonly items: Row[];
  readonly next?: string | null;
}

/** A long list, a page at a time. `ask` gets where the page before ended. */
export function useList<Row>(
  key: readonly unknown[],
  ask: (after: { after?: string }, signal: AbortSignal) => Promise<PageOf<Row>>,
  options: { every?: number; enabled?: boolean } = {},
) {
  return useInfiniteQuery({
    queryKey: ["console", ...key],
    queryFn: ({ pageParam, signal }) => ask(pageParam ? { after: pageParam } : {}, signal),
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    placeholderData: keepPreviousData,
    enabled: options.enabled ?? true,
    // A list that was read further down is not read anew under the reader's eyes.
    refetchInterval: (query) => ((query.state.data?.pages.length ?? 1) === 1 && options.every) || false,
  });
}

export function List<Row>({
  list,
  label,
  columns,
  rowKey,
  empty,
  children,
}: {
  list: ReturnType<typeof useList<Row>>;
  label: string;
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  /** What it means that there is nothing. */
  empty: ReactNode;
  /** Stands under the table. */
  children?: ReactNode;
}) {
  if (list.isPending) return <Loading rows={6} />;
  if (list.error && !list.data)
    return (
      <div className="p-3">
        <Failed error={list.error} retry={() => list.refetch()} />
      </div>
    );
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  if (rows.length === 0) return typeof empty === "string" ? <Empty title={empty} /> : empty;
  return (
    <>
      {list.isError && (
        <p role="alert" className="bg-warn-soft px-3 py-1.5 text-xs text-warn">
          This may be old: {list.error?.message}
        </p>
      )}
      <Table label={label} rows={rows} rowKey={rowKey} columns={columns} />
      {children}
      <More list={list} />
    </>
  );
}

export function More({
  list,
}: {
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}) {
  if (!list.hasNextPage) return null;
  return (
    <div className="border-t border-line p-2">
      <Button size="small" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        Show more
      </Button>
    </div>
  );
}

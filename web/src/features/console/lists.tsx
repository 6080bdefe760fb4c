/** Long lists of the console, a page at a time. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Asked, Button, type Column, Empty, Table } from "@/ui";

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
  return (
    <Asked query={list} rows={6}>
      {({ pages }) => {
        const rows = pages.flatMap((page) => page.items);
        if (rows.length === 0) return typeof empty === "string" ? <Empty title={empty} /> : empty;
        return (
          <>
            <Table label={label} rows={rows} rowKey={rowKey} columns={columns} />
            {children}
            <More list={list} />
          </>
        );
      }}
    </Asked>
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

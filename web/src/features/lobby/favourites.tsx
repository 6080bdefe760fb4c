/** What one has marked to find again. */
import { type Favourite, useFavourite, useFavourites } from "@/data";
import { Asked, Empty, Panel, StarButton, ThingLink } from "@/ui";

const WORDS = { market: "Exchange", event: "Sportsbook", pool: "Pool" } as const;

export function Favourites({ isAlone }: { isAlone: boolean }) {
  const favourites = useFavourites();
  // Beside everything else a list of nothing would only be in the way.
  if (!isAlone && !favourites.data?.length) return null;
  return (
    <Panel title="Favourites" flush>
      <Asked query={favourites} rows={3}>
        {(found) =>
          found.length === 0 ? (
            <Empty title="You have no favourites yet">
              The star beside a market, an event or a pool makes it one.
            </Empty>
          ) : (
            <ul>
              {found.map((each) => (
                <li
                  key={`${each.kind} ${each.id}`}
                  className="relative flex items-center justify-between gap-3 border-b border-line/60 px-3 py-2 last:border-0 hover:bg-sunken/50"
                >
                  <ThingLink
                    kind={each.kind}
                    id={each.id}
                    className="min-w-0 flex-1 after:absolute after:inset-0"
                  >
                    <span className="block text-sm font-medium break-words">{each.title}</span>
                    <span className="text-2xs text-ink-faint">
                      {[WORDS[each.kind], each.within].filter(Boolean).join(" · ")}
                    </span>
                  </ThingLink>
                  <Starred favourite={each} />
                </li>
              ))}
            </ul>
          )
        }
      </Asked>
    </Panel>
  );
}

function Starred({ favourite }: { favourite: Favourite }) {
  const star = useFavourite(favourite.kind, favourite.id, favourite.title);
  return (
    star && (
      <span className="relative z-10">
        <StarButton name={favourite.title} {...star} />
      </span>
    )
  );
}

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.TimeZone;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.quartz.CronExpression;

/**
 * Asks Quartz for the answers our own cron has to give; see README.md for how to run it.
 *
 * Reads expressions.tsv and starts.tsv and writes fires.tsv; reads syntax.txt and writes syntax.tsv.
 */
public class GoldenCron {
    private static final int FIRES = 10;
    private static final Instant END = Instant.parse("2031-01-01T00:00:00Z");
    /** The rules of a zone may still be changed for times that were the future when the table was made. */
    private static final Instant END_OF_KNOWN_RULES = Instant.parse("2026-01-01T00:00:00Z");

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        writeFires(folder);
        writeSyntax(folder);
        System.exit(0); // threads of expressions that never return are left behind
    }

    /** Crosses every expression with the starts of its group. */
    private static void writeFires(Path folder) throws Exception {
        List<String[]> starts = rows(folder.resolve("starts.tsv"));
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(folder.resolve("fires.tsv")))) {
            out.print("# expression\tzone\tstart\tseconds to the first fire and from each fire to the next\n");
            for (String[] expression : rows(folder.resolve("expressions.tsv"))) {
                for (String[] start : starts) {
                    if (start[0].equals(expression[0])) {
                        String fires = fires(expression[1], start[1], Instant.parse(start[2]));
                        out.print(expression[1] + "\t" + start[1] + "\t" + start[2] + "\t" + fires + "\n");
                    }
                }
            }
        }
    }

    /** The distances of the next fires, `60x3` for three times 60; `never` after the last one, `hangs` if it does. */
    private static String fires(String text, String zone, Instant start) throws Exception {
        CronExpression cron = new CronExpression(text);
        cron.setTimeZone(TimeZone.getTimeZone(zone));
        List<String> distances = new ArrayList<>();
        Instant end = zone.equals("UTC") ? END : END_OF_KNOWN_RULES;
        Date last = Date.from(start);
        for (int i = 0; i < FIRES; i++) {
            Date next;
            try {
                next = nextAfter(cron, last);
            } catch (TimeoutException tooLong) {
                distances.add("hangs");
                break;
            }
            if (next == null) {
                distances.add("never");
                break;
            }
            if (next.toInstant().isAfter(end)) {
                break;
            }
            distances.add(String.valueOf((next.getTime() - last.getTime()) / 1000));
            last = next;
        }
        return shortened(distances);
    }

    private static Date nextAfter(CronExpression cron, Date instant) throws Exception {
        FutureTask<Date> search = new FutureTask<>(() -> cron.getNextValidTimeAfter(instant));
        Thread thread = new Thread(search);
        thread.setDaemon(true);
        thread.start();
        return search.get(3, TimeUnit.SECONDS);
    }

    private static String shortened(List<String> distances) {
        List<String> runs = new ArrayList<>();
        for (int i = 0, end; i < distances.size(); i = end) {
            end = i + 1;
            while (end < distances.size() && distances.get(end).equals(distances.get(i))) {
                end++;
            }
            runs.add(end - i > 1 ? distances.get(i) + "x" + (end - i) : distances.get(i));
        }
        return String.join(" ", runs);
    }

    private static void writeSyntax(Path folder) throws Exception {
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(folder.resolve("syntax.tsv")))) {
            out.print("# expression\twhat Quartz says: accepted, rejected, or broken (accepted, then fails or never returns)\n");
            for (String[] line : rows(folder.resolve("syntax.txt"))) {
                out.print(line[0] + "\t" + verdict(line[0]) + "\n");
            }
        }
    }

    private static String verdict(String text) throws Exception {
        try {
            nextAfter(new CronExpression(text), Date.from(Instant.parse("2024-01-01T00:00:00Z")));
            return "accepted";
        } catch (ParseException refused) {
            return "rejected";
        } catch (ExecutionException | TimeoutException late) {
            return "broken";
        }
    }

    private static List<String[]> rows(Path file) throws Exception {
        List<String[]> rows = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (!line.isBlank() && !line.startsWith("#")) {
                rows.add(line.split("\t"));
            }
        }
        return rows;
    }
}

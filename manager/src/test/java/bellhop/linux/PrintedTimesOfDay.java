package bellhop.linux;

/** Prints the time of day of each moment that it is given, in the zone of its environment. */
final class PrintedTimesOfDay {

    private PrintedTimesOfDay() {}

    public static void main(String[] moments) {
        for (String moment : moments) {
            System.out.println(TimeOfDay.at(Long.parseLong(moment)));
        }
    }
}

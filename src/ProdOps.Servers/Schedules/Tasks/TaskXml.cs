using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace ProdOps.Servers.Schedules.Tasks;

/// <summary>
/// The text of a task (MS-TSCH 2.5, "Task Schema", version 1.4). Its Data element carries the definition, which is how ours are known.
/// </summary>
internal static class TaskXml
{
    private const string Moment = "yyyy-MM-dd'T'HH:mm:ss";
    private const int MaximumDepth = 32;
    private static readonly XNamespace Namespace = "http://schemas.microsoft.com/windows/2004/02/mit/task";
    private static readonly string[] WeekDays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    private static readonly string[] Weeks = ["1", "2", "3", "4", "Last"];

    /// <summary>Writes it.</summary>
    /// <param name="definition">The schedule.</param>
    /// <param name="host">Who registers it, and what runs it.</param>
    /// <param name="runner">The program's full path.</param>
    /// <param name="now">The local time; no run is due before it.</param>
    /// <exception cref="ProdOpsException">The Task Scheduler cannot do what the definition asks for.</exception>
    public static string Write(ScheduleDefinition definition, TaskHost host, string runner, DateTime now)
    {
        foreach (string? text in (string?[])[definition.Description, definition.Command, definition.FilePath, runner, .. definition.Arguments ?? []])
            if (text is not null && !IsXml(text)) throw ServersErrors.ScheduleTextInvalid(definition.Name, "it holds a control character, which a task cannot hold");
        string arguments = WindowsArguments.Join(definition.Words(runner).Skip(1));
        if (arguments.Length + runner.Length > WindowsArguments.MaximumLength)
            throw ServersErrors.ScheduleTextInvalid(definition.Name, $"its command line is longer than {WindowsArguments.MaximumLength:N0} characters");
        string description = string.IsNullOrWhiteSpace(definition.Description) ? $"ProdOps schedule {definition.Name}" : definition.Description.Trim();
        var task = new XElement(
            Namespace + "Task",
            new XAttribute("version", "1.4"),
            Element("RegistrationInfo", Element("Date", now.ToString(Moment, CultureInfo.InvariantCulture)), Element("Description", description)),
            Element("Triggers", TaskTriggers.Of(definition, host.Server).Select(trigger => Trigger(trigger, definition.RandomDelay, now))),
            Element("Principals", new XElement(
                Namespace + "Principal",
                new XAttribute("id", "Author"),
                Element("UserId", host.UserId),
                // S4U runs without anybody being logged in and keeps no password; registering it takes an administrator.
                Element("LogonType", host.IsElevated ? "S4U" : "InteractiveToken"),
                Element("RunLevel", host.IsElevated ? "HighestAvailable" : "LeastPrivilege"))),
            Element(
                "Settings",
                Element("MultipleInstancesPolicy", "IgnoreNew"),
                Element("DisallowStartIfOnBatteries", "false"),
                Element("StopIfGoingOnBatteries", "false"),
                // Makes up for a run that was missed while the machine was off.
                Element("StartWhenAvailable", "true"),
                Element("Enabled", "true"),
                // Without it a run is ended after three days.
                Element("ExecutionTimeLimit", "PT0S")),
            Element("Data", definition.ToMarker()),
            Element("Actions", new XAttribute("Context", "Author"), Element("Exec", Element("Command", runner), Element("Arguments", arguments))));
        var output = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n");
        // Line ends are spelled out, or a reader would make all of them the same.
        using (var writer = XmlWriter.Create(output, new XmlWriterSettings { OmitXmlDeclaration = true, Indent = true, NewLineChars = "\n", NewLineHandling = NewLineHandling.Entitize })) task.Save(writer);
        return output.Append('\n').ToString();
    }

    /// <summary>Reads a task's text, or gives <see langword="null"/> for what is none.</summary>
    public static TaskDocument? Read(string text)
    {
        try
        {
            // Each element of a tree looks for its root: the time to load one grows with the square of its depth.
            using (var first = Open(text)) while (first.Read()) if (first.Depth > MaximumDepth) return null;
            using var reader = Open(text);
            var root = XElement.Load(reader);
            if (root.Name != Namespace + "Task") return null;
            string data = root.Element(Namespace + "Data")?.Value ?? "";
            string date = root.Element(Namespace + "RegistrationInfo")?.Element(Namespace + "Date")?.Value ?? "";
            DateTime? registered = DateTime.TryParseExact(date, Moment, CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment) ? moment : null;
            return new TaskDocument(root, ScheduleDefinition.Find(data.Trim()), registered);
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether a registered task says all that ours would. The Task Scheduler writes a task anew when it takes it: with settings of its
    /// own in between, and its own name for the account.
    /// </summary>
    public static bool Holds(TaskDocument registered, TaskDocument ours) => Holds(registered.Root, ours.Root);

    private static XmlReader Open(string text) => XmlReader.Create(
        // The declaration names the encoding of a file, which the text is no longer in.
        new StringReader(text.TrimStart('\ufeff')),
        new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = 1 << 20 });

    private static bool Holds(XElement registered, XElement ours)
    {
        if (ours.Name.LocalName == "Principals") return true;
        if (!ours.HasElements) return registered.Value.Trim() == ours.Value.Trim();
        return ours.Elements().GroupBy(element => element.Name).All(group =>
        {
            var there = registered.Elements(group.Key).ToList();
            return there.Count == group.Count() && group.Zip(there).All(pair => Holds(pair.Second, pair.First));
        });
    }

    private static XElement Trigger(TaskTrigger trigger, TimeSpan delay, DateTime now)
    {
        bool calendar = trigger.Days is not null;
        XElement? repetition = null;
        // The last run is within, the next one is not.
        if (trigger.Interval > TimeSpan.Zero)
            repetition = Element("Repetition", Element("Interval", Span(trigger.Interval)), calendar ? Element("Duration", Span(trigger.Length + TimeSpan.FromSeconds(30))) : null);
        return Element(
            calendar ? "CalendarTrigger" : "TimeTrigger",
            repetition,
            Element("StartBoundary", Begin(trigger, now).ToString(Moment, CultureInfo.InvariantCulture)),
            Element("Enabled", "true"),
            delay >= TimeSpan.FromSeconds(1) ? Element("RandomDelay", Span(delay)) : null,
            trigger.Days is { } days ? Days(days) : null);
    }

    /// <summary>The first time after now. A beginning that has passed would count as a run that was missed, and be made up for.</summary>
    private static DateTime Begin(TaskTrigger trigger, DateTime now)
    {
        if (trigger.Days is null) return now + trigger.Interval;
        var first = now.Date + trigger.Start.ToTimeSpan();
        if (trigger.IsGrid) while (first <= now) first += trigger.Interval;
        return first > now ? first : first.AddDays(1);
    }

    private static XElement Days(TaskDays days)
    {
        if (days == TaskDays.Every) return Element("ScheduleByDay", Element("DaysInterval", "1"));
        var week = Element("DaysOfWeek", BitSet.Values(days.WeekDays).Select(day => Element(WeekDays[day])));
        var months = Element("Months", BitSet.Values(days.Months).Select(month => Element(CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(month))));
        if (days.WeekDays == TaskDays.AllWeekDays)
            return Element("ScheduleByMonth", Element("DaysOfMonth", BitSet.Values(days.Days).Select(day => Element("Day", day.ToString(CultureInfo.InvariantCulture)))), months);
        return days.Months == TaskDays.AllMonths
            ? Element("ScheduleByWeek", Element("WeeksInterval", "1"), week)
            : Element("ScheduleByMonthDayOfWeek", Element("Weeks", Weeks.Select(number => Element("Week", number))), week, months);
    }

    private static XElement Element(string name, params object?[] content) => new(Namespace + name, content);

    private static string Span(TimeSpan span) => XmlConvert.ToString(TimeSpan.FromSeconds(Math.Ceiling(span.TotalSeconds)));

    private static bool IsXml(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (XmlConvert.IsXmlChar(text[i])) continue;
            if (i + 1 == text.Length || !XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i])) return false;
            i++;
        }

        return true;
    }
}

/// <summary>A task's text, read.</summary>
/// <param name="Root">All of it.</param>
/// <param name="Definition">The definition it carries, if it is one of ours.</param>
/// <param name="Registered">When it was registered, in local time.</param>
internal sealed record TaskDocument(XElement Root, ScheduleDefinition? Definition, DateTime? Registered);

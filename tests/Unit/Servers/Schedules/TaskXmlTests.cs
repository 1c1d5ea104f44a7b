using System.Text;
using System.Xml.Linq;
using ProdOps.Servers.Schedules;
using ProdOps.Servers.Schedules.Tasks;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Servers.Tests.Schedules;

/// <summary>The text of a task, and what its triggers mean. How the Task Scheduler takes it only a Windows machine can show.</summary>
public sealed class TaskXmlTests
{
    private const string Runner = @"C:\Program Files\PowerShell\7\pwsh.exe";
    private static readonly XNamespace Namespace = "http://schemas.microsoft.com/windows/2004/02/mit/task";
    private static readonly DateTime Now = new(2026, 11, 26, 10, 7, 30);
    private static readonly string[] Pieces = ["a", " ", "\"", "\\", "\\\"", "<&>", "'", "\n", "\t", "\r\n", "]]>", "%PATH%", "ü", "𝄞", "--", "$(x)", "\\\\", "&#10;"];

    internal static TaskHost Host { get; } = new() { Server = "here", User = @"SHOP\ann", UserId = "S-1-5-21-1-2-3-1001", IsElevated = true, Runner = Runner };

    [Fact]
    public void A_task_says_all_that_a_schedule_is()
    {
        var definition = new ScheduleDefinition
        {
            Name = "nightly", Description = "R&D", Command = "Invoke-Backup 'C:\\Data' -Tag \"a\"", Daily = [new TimeOnly(2, 30)], Cron = ["*/15 8-17 * * mon-fri"], RandomDelay = TimeSpan.FromMinutes(10),
        };
        Assert.Equal("""
            <?xml version="1.0" encoding="UTF-16"?>
            <Task version="1.4" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
              <RegistrationInfo>
                <Date>2026-11-26T10:07:30</Date>
                <Description>R&amp;D</Description>
              </RegistrationInfo>
              <Triggers>
                <CalendarTrigger>
                  <StartBoundary>2026-11-27T02:30:00</StartBoundary>
                  <Enabled>true</Enabled>
                  <RandomDelay>PT10M</RandomDelay>
                  <ScheduleByDay>
                    <DaysInterval>1</DaysInterval>
                  </ScheduleByDay>
                </CalendarTrigger>
                <CalendarTrigger>
                  <Repetition>
                    <Interval>PT15M</Interval>
                    <Duration>PT9H45M30S</Duration>
                  </Repetition>
                  <StartBoundary>2026-11-27T08:00:00</StartBoundary>
                  <Enabled>true</Enabled>
                  <RandomDelay>PT10M</RandomDelay>
                  <ScheduleByWeek>
                    <WeeksInterval>1</WeeksInterval>
                    <DaysOfWeek>
                      <Monday />
                      <Tuesday />
                      <Wednesday />
                      <Thursday />
                      <Friday />
                    </DaysOfWeek>
                  </ScheduleByWeek>
                </CalendarTrigger>
              </Triggers>
              <Principals>
                <Principal id="Author">
                  <UserId>S-1-5-21-1-2-3-1001</UserId>
                  <LogonType>S4U</LogonType>
                  <RunLevel>HighestAvailable</RunLevel>
                </Principal>
              </Principals>
              <Settings>
                <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
                <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
                <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
                <StartWhenAvailable>true</StartWhenAvailable>
                <Enabled>true</Enabled>
                <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
              </Settings>
              <Data>@MARKER@</Data>
              <Actions Context="Author">
                <Exec>
                  <Command>C:\Program Files\PowerShell\7\pwsh.exe</Command>
                  <Arguments>-NoProfile -NonInteractive -Command "Invoke-Backup 'C:\Data' -Tag \"a\""</Arguments>
                </Exec>
              </Actions>
            </Task>

            """.ReplaceLineEndings("\n").Replace("@MARKER@", new XText(definition.ToMarker()).ToString()), TaskXml.Write(definition, Host, Runner, Now));
    }

    [Theory]
    [InlineData("10 4 1,15 * *", "ScheduleByMonth", "Day Day January February")]
    [InlineData("10 4 * 2 *", "ScheduleByMonth", "Day February")]
    [InlineData("10 4 * 2 sun", "ScheduleByMonthDayOfWeek", "Weeks Week Last Sunday February")]
    [InlineData("10 4 * * sun", "ScheduleByWeek", "Sunday")]
    [InlineData("10 4 1-31 * sun", "ScheduleByDay", "DaysInterval")]
    public void Days_are_said_in_the_words_of_the_schema(string cron, string element, string words)
    {
        var trigger = Triggers(new ScheduleDefinition { Name = "a", Command = "b", Cron = [cron] }).Single();
        var days = trigger.Element(Namespace + element)!;
        var said = days.Descendants().Select(one => one.Name.LocalName).Concat(days.Descendants().Select(one => one.Value)).ToHashSet();
        Assert.All(words.Split(' '), word => Assert.Contains(word, said));
    }

    [Fact]
    public void Triggers_start_a_task_when_cron_would()
    {
        var random = new Random(20261208);
        int registered = 0;
        for (int i = 0; i < 300; i++)
        {
            string text = string.Join(' ', Field(random, 0, 59), Field(random, 0, 23), Field(random, 1, 28), Field(random, 1, 12), Field(random, 0, 6));
            var definition = new ScheduleDefinition { Name = "a", Command = "b", Cron = [text] };
            IReadOnlyList<TaskTrigger> triggers;
            try
            {
                triggers = TaskTriggers.Of(definition, "here");
            }
            catch (ProdOpsException exception)
            {
                Assert.Equal("ScheduleNeedsSystemd", exception.ErrorId);
                continue;
            }

            registered++;
            var cron = CronExpression.Parse(text);
            var times = BitSet.Values(cron.Hours).SelectMany(hour => BitSet.Values(cron.Minutes).Select(minute => new TimeSpan(hour, minute, 0))).ToHashSet();
            for (int n = 0; n < 30; n++)
            {
                var day = new DateTime(2027, 1, 1).AddDays(random.Next(730));
                bool inMonth = Has(cron.Days, day.Day), inWeek = Has(cron.WeekDays, (int)day.DayOfWeek);
                bool due = Has(cron.Months, day.Month) && (cron.EitherDay ? inMonth || inWeek : inMonth && inWeek);
                var actual = triggers.SelectMany(trigger => Runs(trigger, day)).Select(run => run - day);
                Assert.True(due ? times.SetEquals(actual) : !actual.Any(), $"{text} on {day}");
            }
        }

        Assert.InRange(registered, 100, 300);
    }

    [Fact]
    public void Intervals_repeat_at_even_times_or_from_run_to_run()
    {
        string Of(string span) => string.Join(' ', Triggers(new ScheduleDefinition { Name = "a", Command = "b", Every = TimeSpan.Parse(span) }).Single()
            .DescendantsAndSelf().Where(element => !element.HasElements || element.Name.LocalName.EndsWith("Trigger", StringComparison.Ordinal)).Select(element => element.HasElements ? element.Name.LocalName : element.Value));
        Assert.Equal("CalendarTrigger PT15M PT23H45M30S 2026-11-26T10:15:00 true 1", Of("0:15"));
        Assert.Equal("CalendarTrigger 2026-11-27T00:00:00 true 1", Of("1.0:00"));
        Assert.Equal("CalendarTrigger 2026-11-27T00:00:00 true 1 ", Of("7.0:00"));
        Assert.Equal("TimeTrigger PT7M 2026-11-26T10:14:30 true", Of("0:07"));
        Assert.Equal("TimeTrigger P2DT1M 2026-11-28T10:08:30 true", Of("2.0:01"));
    }

    [Fact]
    public void No_run_is_due_before_the_task_is_registered()
    {
        var random = new Random(20261209);
        for (int i = 0; i < 300; i++)
        {
            var definition = new ScheduleDefinition { Name = "a", Command = "b", Every = TimeSpan.FromMinutes(random.Next(1, 10080)), Daily = [new TimeOnly(random.Next(24), random.Next(60))], Cron = [$"*/{random.Next(1, 31)} {random.Next(12)}-23 * * *"] };
            if (definition.Every > TimeSpan.Zero && random.Next(2) == 0) definition = definition with { Every = TimeSpan.FromMinutes(random.Next(1, 60)) };
            Assert.All(Triggers(definition), trigger => Assert.True(DateTime.Parse(trigger.Element(Namespace + "StartBoundary")!.Value) > Now));
        }
    }

    [Fact]
    public void Any_text_arrives_at_the_program_as_it_is()
    {
        var random = new Random(20261210);
        for (int i = 0; i < 2000; i++)
        {
            var definition = new ScheduleDefinition { Name = $"a{i}", Description = Text(random) + ".", FilePath = @"C:\" + Text(random), Arguments = [Text(random), "", Text(random)], Daily = [new TimeOnly(1, 0)] };
            string xml = TaskXml.Write(definition, Host, Runner, Now);
            var read = TaskXml.Read(xml)!;
            Assert.Equal(definition.ToMarker(), read.Definition!.ToMarker());
            Assert.Equal(Now, read.Registered);
            Assert.True(TaskXml.Holds(read, read));
            string arguments = read.Root.Descendants(Namespace + "Arguments").Single().Value;
            Assert.Equal(definition.Words(Runner).Skip(1), TakeApart(arguments));
        }
    }

    [Theory]
    [InlineData("OnCalendar", "calendar event 'Mon *-*-1'")]
    [InlineData("Seconds", "interval of 00:01:30")]
    [InlineData("BothDays", "days of the month that are certain days of the week")]
    [InlineData("ManyTimes", "separate times")]
    [InlineData("Control", "control character")]
    [InlineData("Half", "control character")]
    [InlineData("Long", "command line is longer")]
    public void What_the_Task_Scheduler_cannot_do_is_refused(string what, string part)
    {
        var plain = new ScheduleDefinition { Name = "a", Command = "b", Daily = [new TimeOnly(1, 0)] };
        var definition = what switch
        {
            "OnCalendar" => plain with { Calendar = ["Mon *-*-1"] },
            "Seconds" => plain with { Every = TimeSpan.FromSeconds(90) },
            "BothDays" => plain with { Cron = ["0 0 */2 * mon"] },
            "ManyTimes" => plain with { Cron = ["1,2,4,8,16,23 1,2,4,7,11,16,17,20,22 * * *"] },
            "Control" => plain with { Command = "a\u0001" },
            "Half" => plain with { Description = "a\ud800" },
            _ => plain with { Command = new string('x', 40_000) },
        };
        definition.Validate();
        var failure = Assert.Throws<ProdOpsException>(() => TaskXml.Write(definition, Host, Runner, Now));
        Assert.Contains(failure.ErrorId, (string[])["ScheduleNeedsSystemd", "ScheduleTextInvalid"]);
        Assert.Contains(part, failure.Message);
    }

    [Fact]
    public void Damaged_tasks_are_read_or_are_none()
    {
        string xml = TaskXml.Write(new ScheduleDefinition { Name = "a", Command = "b <c>", Daily = [new TimeOnly(1, 0)] }, Host, Runner, Now);
        var whole = TaskXml.Read(xml)!;
        var random = new Random(20261211);
        for (int i = 0; i < 5000; i++)
        {
            if (TaskXml.Read(Mutation.Of(xml, random)) is { } read) TaskXml.Holds(read, whole);
        }

        Assert.Null(TaskXml.Read("<!DOCTYPE a [<!ENTITY b \"c\">]><Task>&b;</Task>"));
        Assert.Null(TaskXml.Read("<Task/>"));
        Assert.Null(TaskXml.Read(string.Concat(Enumerable.Repeat("<a>", 200_000))));
        Assert.Null(TaskXml.Read($"<Task xmlns='{Namespace}'>{new string('x', 2_000_000)}</Task>"));
    }

    [Fact]
    public void Pwsh_is_taken_before_prodops_and_found_where_its_installer_puts_it()
    {
        string? Find(params string[] files) => TaskHost.FindRunner(["/bin", "", "/other"], "/programs", path => files.Contains(path));
        Assert.Equal("/other/pwsh.exe", Find("/bin/prodops.exe", "/other/pwsh.exe"));
        Assert.Equal(Path.Join("/programs", "PowerShell", "7", "pwsh.exe"), Find("/bin/prodops.exe", Path.Join("/programs", "PowerShell", "7", "pwsh.exe")));
        Assert.Equal("/bin/prodops.exe", Find("/bin/prodops.exe"));
        Assert.Null(Find());
    }

    private static List<XElement> Triggers(ScheduleDefinition definition) =>
        [.. XElement.Parse(TaskXml.Write(definition, Host, Runner, Now).Split('\n', 2)[1]).Element(Namespace + "Triggers")!.Elements()];

    private static IEnumerable<DateTime> Runs(TaskTrigger trigger, DateTime day)
    {
        var days = trigger.Days!.Value;
        if (!Has(days.Days, day.Day) || !Has(days.Months, day.Month) || !Has(days.WeekDays, (int)day.DayOfWeek)) return [];
        return Enumerable.Range(0, trigger.Count).Select(run => day + trigger.Start.ToTimeSpan() + trigger.Interval * run);
    }

    private static bool Has(ulong set, int value) => (set >> value & 1) != 0;

    private static string Field(Random random, int minimum, int maximum)
    {
        int first = random.Next(minimum, maximum + 1), last = random.Next(first, maximum + 1);
        return random.Next(6) switch
        {
            0 or 1 => "*",
            2 => $"*/{random.Next(1, maximum + 1)}",
            3 => $"{first}-{last}",
            4 => $"{first},{last},{random.Next(minimum, maximum + 1)}",
            _ => $"{first}",
        };
    }

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => Pieces[random.Next(Pieces.Length)]));

    /// <summary>Takes a command line apart as CommandLineToArgvW is documented to.</summary>
    private static List<string> TakeApart(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool quoted = false, inWord = false;
        for (int i = 0; i < line.Length; i++)
        {
            int backslashes = 0;
            while (i < line.Length && line[i] == '\\') (backslashes, i) = (backslashes + 1, i + 1);
            bool quote = i < line.Length && line[i] == '"';
            word.Append('\\', quote ? backslashes / 2 : backslashes);
            inWord |= backslashes > 0;
            if (i == line.Length) break;
            if (quote && backslashes % 2 == 0) (quoted, inWord) = (!quoted, true);
            else if (quoted || line[i] is not (' ' or '\t')) (inWord, _) = (true, word.Append(line[i]));
            else if (inWord)
            {
                words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
        }

        if (inWord) words.Add(word.ToString());
        return words;
    }
}

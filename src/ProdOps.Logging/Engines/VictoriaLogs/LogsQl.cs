namespace ProdOps.Logging.Engines.VictoriaLogs;

/// <summary>A filter in LogsQL.</summary>
internal readonly record struct LogsQl(string Text) : IEngineFilter<LogsQl>
{
    public static LogsQl Everything { get; } = "*";

    public static LogsQl Nothing { get; } = "!*";

    public static implicit operator LogsQl(string text) => new(text);

    public LogsQl And(LogsQl other) =>
        this == Nothing || other == Nothing ? Nothing : this == Everything ? other : other == Everything || this == other ? this : $"({this} and {other})";

    public LogsQl Or(LogsQl other) =>
        this == Everything || other == Everything ? Everything : this == Nothing ? other : other == Nothing || this == other ? this : $"({this} or {other})";

    public LogsQl Not() => this == Nothing ? Everything : this == Everything ? Nothing : $"!({this})";

    public override string ToString() => Text;
}

using System.Text;

namespace ProdOps.Logging.Formats.Json;

/// <summary>Any application's JSON lines, with the usual names of time, level and message.</summary>
internal sealed class JsonFormat : JsonLineFormat
{
    public override string Name => "json";

    protected override JsonRole Role(ReadOnlySpan<byte> key) => CommonKeys.Role(key);
}

/// <summary>The names that loggers give to the time, the level and the message.</summary>
internal static class CommonKeys
{
    public static JsonRole Role(ReadOnlySpan<byte> key) => key.Length switch
    {
        1 => (key[0] | 0x20) == 't' ? JsonRole.Time : JsonRole.None,
        2 => Is(key, "ts"u8) || Is(key, "@t"u8) ? JsonRole.Time : Is(key, "@l"u8) ? JsonRole.Level : Is(key, "@m"u8) ? JsonRole.Message : JsonRole.None,
        3 => Is(key, "msg"u8) || Is(key, "@mt"u8) ? JsonRole.Message : Is(key, "lvl"u8) ? JsonRole.Level : JsonRole.None,
        4 => Is(key, "time"u8) || Is(key, "date"u8) ? JsonRole.Time : JsonRole.None,
        5 => Is(key, "level"u8) ? JsonRole.Level : Is(key, "event"u8) ? JsonRole.Message : JsonRole.None,
        6 => Is(key, "@level"u8) ? JsonRole.Level : JsonRole.None,
        7 => Is(key, "message"u8) ? JsonRole.Message : Is(key, "asctime"u8) ? JsonRole.Time : JsonRole.None,
        8 => Is(key, "severity"u8) || Is(key, "loglevel"u8) ? JsonRole.Level : Is(key, "datetime"u8) ? JsonRole.Time : Is(key, "@message"u8) ? JsonRole.Message : JsonRole.None,
        9 => Is(key, "timestamp"u8) || Is(key, "eventtime"u8) ? JsonRole.Time : Is(key, "levelname"u8) || Is(key, "log.level"u8) || Is(key, "log_level"u8) ? JsonRole.Level : JsonRole.None,
        10 => Is(key, "@timestamp"u8) ? JsonRole.Time : JsonRole.None,
        12 => Is(key, "time_iso8601"u8) ? JsonRole.Time : Is(key, "severitytext"u8) ? JsonRole.Level : JsonRole.None,
        13 => Is(key, "severity_text"u8) ? JsonRole.Level : Is(key, "short_message"u8) ? JsonRole.Message : JsonRole.None,
        14 => Is(key, "error_severity"u8) ? JsonRole.Level : JsonRole.None,
        _ => JsonRole.None,
    };

    private static bool Is(ReadOnlySpan<byte> key, ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(key, name);
}

using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ProdOps.Backup.Repositories;

/// <summary>A lock as stored (restic, doc/design.rst, "Locks"). What is wrong is a <see cref="JsonException"/>.</summary>
internal sealed record LockFile
{
    /// <summary>A lock is refreshed every five minutes; one this old has no holder any more (restic's rule).</summary>
    public static readonly TimeSpan StaleAge = TimeSpan.FromMinutes(30);

    // Boot time is computed from a clock that may be set meanwhile.
    private static readonly TimeSpan StartTimeTolerance = TimeSpan.FromMinutes(2);

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public Rfc3339Time Time { get; init; }

    public bool Exclusive { get; init; }

    public string HostName { get; init; } = "";

    public string UserName { get; init; } = "";

    public int ProcessId { get; init; }

    public uint UserId { get; init; }

    public uint GroupId { get; init; }

    /// <summary>Where <see cref="ProcessId"/> means a process; restic records none, and passes over ours.</summary>
    public ProcessScope? Scope { get; init; }

    /// <summary>A lock of this process. All of it is true: <c>restic unlock</c> judges us by it.</summary>
    public static LockFile OfThisProcess(bool exclusive, TimeProvider timeProvider) => new()
    {
        Time = Rfc3339Time.Now(timeProvider),
        Exclusive = exclusive,
        HostName = LocalHost.Name,
        UserName = LocalHost.UserName,
        ProcessId = Environment.ProcessId,
        UserId = LocalHost.UserId,
        GroupId = LocalHost.GroupId,
        Scope = ProcessScope.Own,
    };

    public static LockFile Parse(ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object) throw new JsonException("it is no object");
        return new LockFile
        {
            Time = root.GetTime("time") ?? throw new JsonException("it has no time"),
            Exclusive = root.GetFlag("exclusive"),
            HostName = root.GetText("hostname") ?? "",
            UserName = root.GetText("username") ?? "",
            ProcessId = (int)root.GetCount("pid", int.MaxValue),
            UserId = (uint)root.GetCount("uid", uint.MaxValue),
            GroupId = (uint)root.GetCount("gid", uint.MaxValue),
            Scope = ProcessScope.Parse(root.GetText("scope")),
        };
    }

    public byte[] ToJson()
    {
        var output = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(output, WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("time"u8, Time.ToString());
            json.WriteBoolean("exclusive"u8, Exclusive);
            json.WriteString("hostname"u8, HostName);
            json.WriteString("username"u8, UserName);
            json.WriteNumber("pid"u8, ProcessId);
            if (UserId != 0) json.WriteNumber("uid"u8, UserId);
            if (GroupId != 0) json.WriteNumber("gid"u8, GroupId);
            if (Scope is { } scope) json.WriteString("scope"u8, scope.ToString());
            json.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>Why its holder cannot be at work any more, or <see langword="null"/> if it may be.</summary>
    /// <param name="now">The present.</param>
    public string? FindStaleReason(DateTimeOffset now) => FindStaleReason(now, ProcessScope.Own);

    internal string? FindStaleReason(DateTimeOffset now, ProcessScope? own)
    {
        var time = Time.ToDateTimeOffset();
        if (now - time > StaleAge) return $"it was not refreshed for {(long)(now - time).TotalMinutes} minutes";
        if (HostName != LocalHost.Name || ProcessId == 0) return null;
        if (Scope is not null && own is not null && Scope != own) return Scope.EndedBefore(own) ? "its machine or container was started again since" : null;
        if (!LocalHost.IsAlive(ProcessId)) return $"its process {ProcessId} has ended";
        return LocalHost.GetStartTime(ProcessId, now) is { } start && start > time + StartTimeTolerance
            ? $"its process has ended, and {ProcessId} is another one since"
            : null;
    }

    public override string ToString() =>
        $"{(Exclusive ? "exclusive" : "shared")} lock of {UserName}@{HostName}, process {ProcessId}, from {Time.ToDateTimeOffset():yyyy-MM-dd HH:mm:ss zzz}";
}

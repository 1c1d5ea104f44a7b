using System.Text.Json;
using System.Text.Json.Serialization;

namespace ProdOps.Monitoring.States;

/// <summary>Events as text: one JSON object each, with <c>type</c>, <c>v</c>, <c>number</c> and <c>time</c>.</summary>
internal static class EventJson
{
    public static string Write(MonitorEvent happened) => JsonSerializer.Serialize(happened, MonitorJson.Default.MonitorEvent);

    /// <exception cref="ProdOpsException">It is none, or one of a later version.</exception>
    public static MonitorEvent Read(string json)
    {
        try
        {
            var happened = JsonSerializer.Deserialize(json, MonitorJson.Default.MonitorEvent);
            if (happened is { V: > 0 and <= MonitorEvent.Version, Number: > 0 } && IsWhole(happened)) return happened;
            throw MonitoringErrors.EventNotUnderstood(json, happened is { V: > MonitorEvent.Version } ? $"it is of version {happened.V}" : "it is not one of monitoring's");
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or ArgumentException)
        {
            throw MonitoringErrors.EventNotUnderstood(json, "it is damaged, or of a kind that is not known", exception);
        }
    }

    private static readonly Dictionary<Type, string> Kinds = typeof(MonitorEvent).GetCustomAttributes(typeof(JsonDerivedTypeAttribute), inherit: false)
        .Cast<JsonDerivedTypeAttribute>().ToDictionary(static kind => kind.DerivedType, static kind => (string)kind.TypeDiscriminator!);

    /// <summary>What an event's <c>type</c> is.</summary>
    public static string KindOf(MonitorEvent happened) => Kinds[happened.GetType()];

    /// <summary>What the <c>type</c> of such events is.</summary>
    public static string KindOf<T>()
        where T : MonitorEvent => Kinds[typeof(T)];

    // What a reader of JSON leaves null although the type says otherwise.
    private static bool IsWhole(MonitorEvent happened) => happened switch
    {
        CheckResult e => IsKey(e.Key),
        CheckChanged e => IsKey(e.Key),
        CheckDropped e => IsKey(e.Key),
        ServerChanged e => e.Server is not null,
        DowntimeSet e => e.Downtime?.Server is not null,
        IncidentOpened e => IsKey(e.Root),
        IncidentMember e => IsKey(e.Key),
        IncidentRooted e => IsKey(e.Root),
        IncidentAcknowledged e => e.Acknowledgement is not null,
        NotificationDecided e => e.Route is not null && e.Title is not null && e.Incidents is not null && !e.Incidents.Any(static notice => notice?.Title is null || !IsKey(notice.Root)),
        NotificationHeld e => e.Route is not null && e.Title is not null,
        NotificationDelivered e => e.Channel is not null,
        NotificationGivenUp e => e.Reason is not null,
        ChannelChanged e => e.Channel is not null,
        ActionBegun e => e.Action is not null && IsKey(e.Key),
        ActionEnded e => e.Output is not null && (e.Looked is not { } looked || (looked.Action is not null && IsKey(looked.Key))),
        ActionHeld e => e.Action is not null && e.Reason is not null && IsKey(e.Key),
        _ => true,
    };

    private static bool IsKey(in CheckKey key) => key is { Server: not null, Rule: not null };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(MonitorEvent))]
[JsonSerializable(typeof(MonitorSnapshot))]
internal sealed partial class MonitorJson : JsonSerializerContext;

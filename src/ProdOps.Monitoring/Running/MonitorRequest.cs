using System.Text.Json;
using System.Text.Json.Serialization;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Running;

/// <summary>What somebody wants of the monitor.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(AcknowledgeRequest), "acknowledge")]
[JsonDerivedType(typeof(DowntimeRequest), "downtime")]
[JsonDerivedType(typeof(EndDowntimeRequest), "endDowntime")]
[JsonDerivedType(typeof(ForgetRequest), "forget")]
internal abstract record MonitorRequest
{
    /// <summary>Carries it out.</summary>
    /// <exception cref="ProdOpsException">It cannot be.</exception>
    public abstract IReadOnlyList<MonitorEvent> CarryOut(HealthMonitor monitor, DateTimeOffset now);

    public string ToJson() => JsonSerializer.Serialize(this, RequestJson.Default.MonitorRequest);

    public static MonitorRequest? TryParse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, RequestJson.Default.MonitorRequest);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            return null;
        }
    }
}

/// <summary>Somebody takes an open incident on.</summary>
internal sealed record AcknowledgeRequest(long Incident, string By, string Comment, DateTimeOffset? Until, bool Sticky) : MonitorRequest
{
    public override IReadOnlyList<MonitorEvent> CarryOut(HealthMonitor monitor, DateTimeOffset now) => monitor.Acknowledge(now, Incident, By, Comment, Until, Sticky);
}

/// <summary>Somebody announces work.</summary>
internal sealed record DowntimeRequest(Downtime Downtime) : MonitorRequest
{
    public override IReadOnlyList<MonitorEvent> CarryOut(HealthMonitor monitor, DateTimeOffset now)
    {
        // For as long as it stands every look at it asks the zone what time it is there.
        if (Downtime.TimeZone is { } zone && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            throw MonitoringErrors.DowntimeInvalid($"there is no time zone '{zone}'", "Write a zone by its IANA name: 'Europe/Berlin', 'America/New_York', 'UTC'.");
        return monitor.SetDowntime(now, Downtime);
    }
}

/// <summary>Announced work is over before its time.</summary>
internal sealed record EndDowntimeRequest(long Downtime, string? By = null) : MonitorRequest
{
    public override IReadOnlyList<MonitorEvent> CarryOut(HealthMonitor monitor, DateTimeOffset now) => monitor.RemoveDowntime(now, Downtime, By);
}

/// <summary>What a check looked at is gone for good.</summary>
internal sealed record ForgetRequest(CheckKey Check, string By, string? Reason, bool Force) : MonitorRequest
{
    public override IReadOnlyList<MonitorEvent> CarryOut(HealthMonitor monitor, DateTimeOffset now) => monitor.Forget(now, Check, By, Reason, Force);
}

/// <summary>What became of a request.</summary>
/// <param name="Number">The number of the event that it led to; 0 if it could not be carried out.</param>
/// <param name="ErrorId">Why not: the error's id.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Message">What it says.</param>
/// <param name="Recommendation">What to do.</param>
internal sealed record RequestAnswer(long Number, string? ErrorId = null, ErrorKind Kind = ErrorKind.NotSpecified, string? Message = null, string? Recommendation = null)
{
    /// <summary>The answer to a request that led to events.</summary>
    public static RequestAnswered To(long request, IReadOnlyList<MonitorEvent> events) => new(request, new RequestAnswer(events[0].Number).ToJson());

    public static RequestAnswer Of(ProdOpsException error) => new(0, error.ErrorId, error.Kind, error.Message, error.Recommendation);

    public string ToJson() => JsonSerializer.Serialize(this, RequestJson.Default.RequestAnswer);

    /// <exception cref="ProdOpsException">It could not be carried out.</exception>
    public static long Read(string json)
    {
        var answer = JsonSerializer.Deserialize(json, RequestJson.Default.RequestAnswer) ?? throw new JsonException("The answer is empty.");
        return answer.ErrorId is { } id ? throw new ProdOpsException(id, answer.Kind, answer.Message ?? "", answer.Recommendation) : answer.Number;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(MonitorRequest))]
[JsonSerializable(typeof(RequestAnswer))]
internal sealed partial class RequestJson : JsonSerializerContext;

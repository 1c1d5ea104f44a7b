using System.Formats.Asn1;

namespace ProdOps.Monitoring.Checks.Snmp;

/// <summary>What is asked, or answered, within a message (RFC 3416, section 3): here always of one object.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="RequestId">What answers have from the request.</param>
/// <param name="ErrorStatus">0 for none.</param>
/// <param name="ObjectId">The object.</param>
/// <param name="Value">Its value; <see langword="null"/> in a request.</param>
internal sealed record SnmpPdu(SnmpPduKind Kind, int RequestId, int ErrorStatus, string ObjectId, SnmpValue? Value)
{
    private static readonly string[] Errors = ["", "the answer would be too big", "there is no such name", "bad value", "read only", "general error", "no access"];

    /// <summary>Writes a request.</summary>
    /// <exception cref="ProdOpsException">It is no object's id.</exception>
    public static void WriteGet(AsnWriter writer, int requestId, string objectId)
    {
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, (int)SnmpPduKind.Get)))
        {
            writer.WriteInteger(requestId);
            writer.WriteInteger(0);
            writer.WriteInteger(0);
            using (writer.PushSequence())
            {
                // Before an engine is known nothing is asked for.
                if (objectId.Length == 0) return;
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(objectId);
                    writer.WriteNull();
                }
            }
        }
    }

    /// <summary>Reads what a reader stands at.</summary>
    /// <exception cref="AsnContentException">It is none.</exception>
    public static SnmpPdu Read(AsnReader reader)
    {
        var tag = reader.PeekTag();
        if (tag.TagClass != TagClass.ContextSpecific || tag.TagValue is not ((int)SnmpPduKind.Response or (int)SnmpPduKind.Report)) throw new AsnContentException($"it is no answer but {tag}");
        var inner = reader.ReadSequence(tag);
        if (!inner.TryReadInt32(out int requestId) || !inner.TryReadInt32(out int status) || !inner.TryReadInt32(out _)) throw new AsnContentException("a number is out of range");
        var bindings = inner.ReadSequence();
        if (!bindings.HasData) return new SnmpPdu((SnmpPduKind)tag.TagValue, requestId, status, "", null);
        var binding = bindings.ReadSequence();
        string id = binding.ReadObjectIdentifier();
        return new SnmpPdu((SnmpPduKind)tag.TagValue, requestId, status, id, SnmpValue.Read(binding));
    }

    /// <summary>What an error of the answer means; <see langword="null"/> if there is none.</summary>
    public string? Error => ErrorStatus == 0 ? null : ErrorStatus > 0 && ErrorStatus < Errors.Length ? Errors[ErrorStatus] : ErrorStatus == 16 ? "it lets nobody read that (authorizationError)" : $"error {ErrorStatus}";
}

/// <summary>What is within a message, by its tag.</summary>
internal enum SnmpPduKind
{
    Get = 0,
    Response = 2,
    Report = 8,
}

using System.Collections;

namespace ProdOps.Backup.Restoring;

/// <summary>The steps of a plan, each made when it is asked for: a list of a million paths as objects would be larger than all else in a restore.</summary>
internal sealed class RestoreStepList(PlannedRestore plan, int[] items) : IReadOnlyList<RestoreStep>
{
    public int Count => items.Length;

    public RestoreStep this[int index] => plan.StepOf(items[index]);

    public IEnumerator<RestoreStep> GetEnumerator()
    {
        foreach (int item in items) yield return plan.StepOf(item);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

using System.ComponentModel;

namespace ProdOps.Cmdlets.Common;

/// <summary>What the user wants of a change.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public enum ChangeDecision
{
    /// <summary>Make it.</summary>
    Act,

    /// <summary>Say what it would be: <c>-WhatIf</c>.</summary>
    Plan,

    /// <summary>Leave it: the answer to <c>-Confirm</c> was no.</summary>
    Refuse,
}
